namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>
/// Chooses what was left open of a model's settings so that it fits: the KV cache as halves where there is room, else in smaller
/// batches (an image or a long prompt then takes longer), else as eight-bit values, else with fewer layers on the device.
/// </summary>
internal static class FitChoice
{
    /// <summary>Images that attend in both directions are computed at once: those of the projectors known here have at most this many rows.</summary>
    public const int LeastRows = 288;

    /// <summary>The settings to load with.</summary>
    /// <param name="wanted">As set.</param>
    /// <param name="estimate">Memory with some settings.</param>
    /// <param name="shape">Of the model.</param>
    /// <param name="fits">Whether so much can be had.</param>
    public static LlamaCppOptions Choose(LlamaCppOptions wanted, Func<LlamaCppOptions, MemoryParts> estimate, ModelShape shape, Func<MemoryParts, bool> fits)
    {
        var candidates = Candidates(wanted, shape).ToArray();
        return candidates.FirstOrDefault(candidate => fits(estimate(candidate))) ?? candidates[^1];
    }

    /// <summary>From the fastest and most exact to the most frugal.</summary>
    public static IEnumerable<LlamaCppOptions> Candidates(LlamaCppOptions wanted, ModelShape shape)
    {
        // Blocks of 32 values must divide a head's width.
        KvCacheType[] types = wanted.KvType != KvCacheType.Auto ? [wanted.KvType]
            : shape.KeyWidth % 32 == 0 && shape.ValueWidth % 32 == 0 && wanted.FlashAttention != FlashAttention.Off ? [KvCacheType.F16, KvCacheType.Q8_0]
            : [KvCacheType.F16];
        int[] rows = wanted.PhysicalBatch > LeastRows ? [wanted.PhysicalBatch, LeastRows] : [wanted.PhysicalBatch];
        return from type in types from batch in rows select wanted with { KvType = type, PhysicalBatch = batch };
    }
}
