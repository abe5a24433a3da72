namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Which of llama.cpp's two ways to compute attention fits a context, and how many rows at once.</summary>
/// <param name="PhysicalBatch">Most rows computed at once.</param>
internal readonly record struct LlamaAttention(FlashAttention Kind, int PhysicalBatch)
{
    /// <summary>Memory plain attention may take for its scores.</summary>
    internal const long ScoreBytes = 512L * 1024 * 1024;

    /// <summary>Rows whose scores stay near the processor; the largest image of the bundled projector (280 rows) fits.</summary>
    internal const int PlainRows = 288;

    /// <summary>
    /// The fused kernel goes through the cells one by one for every row and head. A GPU hides that; a CPU computes the same as
    /// two matrix products in a fraction of the time while rows are few, which is what decoding is. Those need the scores of
    /// all rows at once, and values that are not stored in blocks.
    /// </summary>
    public static LlamaAttention Choose(LlamaModelHandle model, LlamaCppOptions options) =>
        Choose(options, LlamaDevices.For(options.GpuLayers).HaveMemory, LlamaNative.llama_model_n_head(model));

    internal static LlamaAttention Choose(LlamaCppOptions options, bool gpu, int heads)
    {
        var rows = Math.Min(options.PhysicalBatch, PlainRows);
        var plain = options.FlashAttention == FlashAttention.Auto && !gpu && options.KvType != KvCacheType.Q8
            && (long)heads * rows * options.ContextCells * sizeof(float) <= ScoreBytes;
        return plain ? new(FlashAttention.Off, rows) : new(options.FlashAttention, options.PhysicalBatch);
    }
}
