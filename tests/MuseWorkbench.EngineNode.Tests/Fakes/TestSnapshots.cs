using MuseWorkbench.Core;

namespace MuseWorkbench.EngineNode.Tests.Fakes;

internal static class TestSnapshots
{
    public static EngineSnapshot Make(long steps) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        IntervalMs = 200,
        Steps = steps,
        IntervalSteps = 1,
        MeanRows = 2.5,
        MaxRows = 3,
        RowCapacity = 16,
        StepMeanMs = 10,
        StepP95Ms = 12,
        IntervalGenerated = 3,
        IntervalPrefilled = 4,
        Running = 3,
        Waiting = 2,
        Kv = new KvCells(100, 10, 20, 30),
        Memory = new MemoryUse("CPU", 1, 2, 3, 4, 5, 6, 7),
        TimeToFirstToken = new LatencySummary(1, 1, 2, 3),
        InterToken = new LatencySummary(1, 1, 2, 3),
        Counters = new EngineCounters { PromptTokens = 50, PromptTokensCached = 20, PromptTokensRestored = 5, GeneratedTokens = 7, ImageEncodes = 1, ImageCacheHits = 3, Preemptions = 9 },
    };
}
