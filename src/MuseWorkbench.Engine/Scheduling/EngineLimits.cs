using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>What the engine keeps itself to.</summary>
/// <param name="StallMs">Milliseconds a step may take while sequences generate; prompts are cut to it.</param>
/// <param name="Prefixes">Finished prompts kept for reuse; null keeps them until their cells or ids are needed.</param>
internal sealed record EngineLimits(double StallMs, PrefixBudget? Prefixes = null)
{
    /// <summary>From an engine's options and the size of its runtime's cells.</summary>
    public static EngineLimits From(EngineOptions options, ILlamaRuntime runtime)
    {
        var cellBytes = Math.Max(1, runtime.GetMemory().Kv / runtime.Info.CellCapacity);
        return new(options.StallMilliseconds, new PrefixBudget(
            options.PrefixCacheEntries ?? runtime.Info.MaxSequences,
            options.PrefixCacheBytes is { } bytes ? (int)Math.Min(runtime.Info.CellCapacity, bytes / cellBytes) : runtime.Info.CellCapacity,
            options.PrefixCacheRows ?? WorthKeeping(runtime.Info),
            ByReuse: options.PrefixCacheRows is null));
    }

    /// <summary>
    /// Every row computed attends to every cell of the cache, masked or not, so a prefix that nobody uses costs something at each
    /// step. It is kept until that comes to what computing it again would cost: then, whatever comes next, keeping it has cost at
    /// most twice the least possible (the ski rental rule; Karlin et al., 1988). Where prefixes are seldom used again, less of
    /// that is spent (<see cref="ReuseRate"/>). GPUs skip what is masked.
    /// </summary>
    private static long WorthKeeping(RuntimeInfo info) =>
        info.DeviceHasMemory || info.CellCost == 0 ? long.MaxValue : info.Parameters / info.CellCost;
}
