using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Tradeoffs;

/// <summary>A setting's figures from its runs.</summary>
internal static class SweepMeasure
{
    /// <param name="runs">At least one.</param>
    /// <param name="elapsed">From the first run's start to the last one's end.</param>
    public static SweepFigures Of(IReadOnlyList<(CellResult Result, IReadOnlyList<RunEvent> Events)> runs, SweepSetting setting, TimeSpan elapsed)
    {
        var times = runs.Where(run => run.Result.WallClockMs > 0).Select(run => run.Result.WallClockMs).Order().ToArray();
        var seconds = Math.Max(elapsed.TotalSeconds, 1e-3);
        var tokens = runs.Sum(run => (double)run.Result.Tokens);
        var cells = runs.SelectMany(run => run.Events.OfType<EngineSampled>()).Select(sample => sample.Kv.Shared + sample.Kv.Private).DefaultIfEmpty(0).Max();
        return new SweepFigures
        {
            Runs = runs.Count,
            Errors = runs.Count(run => run.Result.Score is null),
            Passed = runs.Count(run => run.Result is { Score: not null, Passed: true }),
            P50Ms = Percentile(times, 0.5),
            P95Ms = Percentile(times, 0.95),
            RunsPerMinute = 60 * times.Length / seconds,
            TokensPerSecond = tokens / seconds,
            TokensPerRun = tokens / runs.Count,
            KvCellsPerRun = cells > 0 ? (double)cells / Math.Min(setting.Concurrency, runs.Count) : null,
        };
    }

    /// <summary>Nearest rank; 0 of none.</summary>
    internal static double Percentile(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
