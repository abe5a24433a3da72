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
            options.PrefixCacheBytes is { } bytes ? (int)Math.Min(runtime.Info.CellCapacity, bytes / cellBytes) : runtime.Info.CellCapacity));
    }
}
