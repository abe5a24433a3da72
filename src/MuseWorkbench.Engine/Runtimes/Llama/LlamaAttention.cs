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
    /// Plain attention where a row's parameters come to no more cells than these: in models that small attention is what takes
    /// the time. Larger ones gain too little to pay for cells that the fused kernel skips because they are others'.
    /// </summary>
    internal const long PlainCells = 4096;

    /// <summary>
    /// The fused kernel goes through the cells one by one for every row and head. A GPU hides that; a CPU computes the same as
    /// two matrix products in a fraction of the time while rows are few, which is what decoding is. Those need the scores of
    /// all rows at once, and values that are not stored in blocks.
    /// </summary>
    public static LlamaAttention Choose(LlamaModelHandle model, LlamaCppOptions options) => Choose(
        options, LlamaDevices.For(options).HaveMemory, LlamaNative.llama_model_n_head(model),
        (long)LlamaNative.llama_model_n_params(model) / Math.Max(1, LlamaModelFacts.AttentionPerCell(model)));

    /// <param name="cells">How many cells cost a row as much attention as its parameters cost it.</param>
    internal static LlamaAttention Choose(LlamaCppOptions options, bool gpu, int heads, long cells)
    {
        var rows = Math.Min(options.PhysicalBatch, PlainRows);
        var plain = options.FlashAttention == FlashAttention.Auto && !gpu && options.KvType != KvCacheType.Q8_0 && cells <= PlainCells
            && (long)heads * rows * options.ContextCells * sizeof(float) <= ScoreBytes;
        return plain ? new(FlashAttention.Off, rows) : new(options.FlashAttention, options.PhysicalBatch);
    }
}
