using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Machine;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>What the engine keeps itself to.</summary>
/// <param name="StallMs">Milliseconds a step may take while sequences generate; prompts are cut to it.</param>
/// <param name="Prefixes">Finished prompts kept for reuse; null keeps them until their cells or ids are needed.</param>
internal sealed record EngineLimits(double StallMs, PrefixBudget? Prefixes = null)
{
    private const int CopyInRows = 32;

    /// <summary>From an engine's options and the size of its runtime's cells.</summary>
    public static EngineLimits From(EngineOptions options, ILlamaRuntime runtime)
    {
        var info = runtime.Info;
        var cellBytes = Math.Max(1, runtime.GetMemory().Kv / info.CellCapacity);
        var storeBytes = info.CanSaveCells ? options.PrefixStoreBytes ?? Math.Min(info.CellCapacity * cellBytes, MachineMemory.Read().Total / 8) : 0;
        return new(options.StallMilliseconds, new PrefixBudget(
            options.PrefixCacheEntries ?? info.MaxSequences,
            options.PrefixCacheBytes is { } bytes ? (int)Math.Min(info.CellCapacity, bytes / cellBytes) : info.CellCapacity,
            options.PrefixCacheRows ?? WorthKeeping(info, storeBytes > 0),
            storeBytes, cellBytes));
    }

    /// <summary>
    /// On a CPU every row computed passes over every cell of the cache, masked or not, so a prefix that nobody uses costs something at
    /// each step. It stays until that comes to what having it again would cost: then, whatever comes next, keeping it has cost at
    /// most twice the least possible (the ski rental rule; Karlin et al., 1988). With a store that is two copies of its cells,
    /// as much as some thirty rows' attention to them; without, its computation. GPUs hide what masked cells take.
    /// </summary>
    private static long WorthKeeping(RuntimeInfo info, bool stored) =>
        info.DeviceHasMemory || info.CellCost == 0 ? long.MaxValue : stored ? CopyInRows : info.Parameters / info.CellCost;
}
