namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Which of llama.cpp's two ways to compute attention fits a context.</summary>
internal static class LlamaAttention
{
    /// <summary>Memory plain attention may take for its scores.</summary>
    internal const long ScoreBytes = 512L * 1024 * 1024;

    /// <summary>
    /// The fused kernel goes through the cells one by one for every row and head. A GPU hides that; a CPU computes the same as
    /// two matrix products in a fraction of the time while rows are few, which is what decoding is. Those need the scores of a
    /// whole batch at once, and values that are not stored in blocks.
    /// </summary>
    public static FlashAttention Choose(LlamaModelHandle model, LlamaCppOptions options) =>
        Choose(options, LlamaDevices.For(options.GpuLayers).HaveMemory, LlamaNative.llama_model_n_head(model));

    internal static FlashAttention Choose(LlamaCppOptions options, bool gpu, int heads)
    {
        if (options.FlashAttention != FlashAttention.Auto || gpu || options.KvType == KvCacheType.Q8)
        {
            return options.FlashAttention;
        }

        var scores = (long)heads * options.PhysicalBatch * options.ContextCells * sizeof(float);
        return scores <= ScoreBytes ? FlashAttention.Off : FlashAttention.Auto;
    }
}
