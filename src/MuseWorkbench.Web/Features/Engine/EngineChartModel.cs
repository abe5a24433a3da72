using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;
using MuseWorkbench.Web.Shared.Charts;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>A headline figure with its recent course.</summary>
public sealed record Kpi(string Name, string Value, string Tip, ImmutableArray<double> Course);

/// <summary>What the Engine page draws, from a window of snapshots. Pure: same snapshots, same figures.</summary>
public sealed record EngineChartModel(ImmutableArray<Kpi> Kpis, ImmutableArray<ChartFigure> Charts)
{
    /// <summary>What can't be exceeded is drawn only where it would not flatten what is used; otherwise the legend tells it.</summary>
    private const double LimitFrom = 0.3;

    /// <summary>True where the engine has worked in the window.</summary>
    public bool HasWork { get; private init; }

    /// <param name="history">Oldest first; may be empty.</param>
    /// <param name="window">Length of the time axis.</param>
    /// <param name="end">Right end of the time axis.</param>
    public static EngineChartModel From(IReadOnlyList<EngineSnapshot> history, TimeSpan window, DateTimeOffset end)
    {
        ArgumentNullException.ThrowIfNull(history);
        var builder = new Builder(history, window, end);
        return new EngineChartModel(
            history.Count == 0 ? [] : BuildKpis(history),
            [builder.Memory(), builder.Cells(), builder.Rows(), builder.Tokens(), builder.Steps(), builder.Latency("Time to first token", s => s.TimeToFirstToken), builder.Latency("Inter-token latency", s => s.InterToken), builder.Queue()])
        {
            HasWork = history.Any(s => s.IntervalSteps > 0 || s.Counters.RequestsFinished > 0 || s.Counters.GeneratedTokens > 0),
        };
    }

    private static ImmutableArray<Kpi> BuildKpis(IReadOnlyList<EngineSnapshot> history)
    {
        var last = history[^1];
        var first = history[0];
        var busy = history.Where(s => s.IntervalSteps > 0).ToArray();
        var rate = busy.Length > 0 ? busy.Sum(s => (double)s.IntervalGenerated) / Math.Max(busy.Sum(s => s.IntervalMs) / 1000, 0.001) : 0;
        var queries = last.Counters.PrefixQueries - first.Counters.PrefixQueries;
        var hits = last.Counters.PrefixHits - first.Counters.PrefixHits;
        return
        [
            new("Batch rows", busy.Length > 0 ? $"{Fmt.Css(Math.Round(busy.Average(s => s.MeanRows), 1))} / {last.RowCapacity}" : $"– / {last.RowCapacity}", "Agents decoded together in one step, on average while busy, of the most that fit", Course(s => s.MeanRows)),
            new("Tokens/s", busy.Length > 0 ? Fmt.Rate(rate) : "–", "Tokens generated per second by all agents together, while busy", Course(GeneratedRate)),
            new("TTFT p95", Latency(last.TimeToFirstToken), "Time to first token: 95 of 100 requests of the last minute got theirs faster", Course(s => s.TimeToFirstToken.P95)),
            new("Inter-token p95", Latency(last.InterToken), "Time between two tokens of one agent: 95 of 100 of the last minute were shorter", Course(s => s.InterToken.P95)),
            new("Prefix hit rate", queries > 0 ? Fmt.Percent((double)hits / queries) : last.Counters.PrefixQueries > 0 ? Fmt.Percent((double)last.Counters.PrefixHits / last.Counters.PrefixQueries) : "–", "Requests that found the start of their prompt already computed", Course(s => s.Counters.PrefixQueries > 0 ? (double)s.Counters.PrefixHits / s.Counters.PrefixQueries : 0)),
            new("Preemptions", Fmt.Count(last.Counters.Preemptions), "Times a sequence had to give up its KV cells and be computed again, since the engine started", Course(s => s.Counters.Preemptions - first.Counters.Preemptions)),
        ];

        ImmutableArray<double> Course(Func<EngineSnapshot, double> value) => [.. history.Skip(Math.Max(0, history.Count - 60)).Select(value)];
    }

    private static string Latency(LatencySummary summary) => summary.Count > 0 ? Fmt.Ms(summary.P95) : "–";

    private static double GeneratedRate(EngineSnapshot s) => s.IntervalMs > 0 ? s.IntervalGenerated * 1000.0 / s.IntervalMs : 0;

    private sealed class Builder(IReadOnlyList<EngineSnapshot> history, TimeSpan window, DateTimeOffset end)
    {
        private readonly double _endMs = end.ToUnixTimeMilliseconds();
        private readonly double[] _x = [.. history.Select(s => Math.Round((s.At - end).TotalSeconds, 1))];

        private EngineSnapshot? Last => history.Count > 0 ? history[^1] : null;

        public ChartFigure Memory()
        {
            var most = history.Count > 0 ? history.Max(s => Used(s.Memory)) : 0;
            var (divisor, unit) = most >= 1L << 30 ? ((double)(1L << 30), "GiB") : (1L << 20, "MiB");
            var series = new List<ChartSeries>
            {
                Area("weights", "--s1", s => s.Memory.Weights / divisor),
                Area("compute", "--s4", s => s.Memory.Compute / divisor),
                Area("image cache", "--s3", s => s.Memory.ImageCache / divisor),
                Area("prefix store", "--s5", s => s.Memory.PrefixStore / divisor),
                Area("KV", "--s2", s => s.Memory.Kv / divisor),
            };
            var now = Last is { Memory: { } memory } ? $"{Fmt.Bytes(Used(memory))} used, {Fmt.Bytes(memory.DeviceFree)} free · {memory.Device}{AtLoad(memory)}" : "";
            // Used and free beside the title add up to the total: no need to tell it twice.
            return Limited(Figure("Device memory", now, unit, [.. series]), "total", most, s => s.Memory.DeviceTotal, divisor) with { Beyond = null };
        }

        public ChartFigure Cells() => Limited(
            Figure(
                "KV cells", Last is { Kv: { } kv } ? $"{Fmt.Count(Used(kv))} of {Fmt.Count(kv.Capacity)} in use" : "", "",
                [Area("pinned", "--s4", s => s.Kv.Pinned), Area("shared", "--s5", s => s.Kv.Shared), Area("private", "--s6", s => s.Kv.Private)], 16),
            "capacity", history.Count > 0 ? history.Max(s => Used(s.Kv)) : 0, s => s.Kv.Capacity);

        public ChartFigure Rows() => Limited(
            Figure("Batch occupancy", "rows per decode step", "", [Line("mean", "--s1", s => s.MeanRows), Line("max", "--s5", s => s.MaxRows)], 4),
            "capacity", history.Count > 0 ? history.Max(s => s.MaxRows) : 0, s => s.RowCapacity);

        public ChartFigure Tokens() => Figure(
            "Tokens per second", Last is { } last ? $"{Fmt.Rate(GeneratedRate(last))} generated now" : "", "tok/s",
            [Line("generated", "--s1", s => GeneratedRate(s)), Line("prefilled", "--s2", s => s.IntervalMs > 0 ? s.IntervalPrefilled * 1000.0 / s.IntervalMs : 0)], 10);

        public ChartFigure Steps() => Figure(
            "Step time", "one pass of the model over the batch", "ms",
            [Line("mean", "--s3", s => s.IntervalSteps > 0 ? s.StepMeanMs : null), Line("p95", "--s7", s => s.IntervalSteps > 0 ? s.StepP95Ms : null)]);

        public ChartFigure Latency(string title, Func<EngineSnapshot, LatencySummary> of) => Figure(
            title, "over the last minute", "ms",
            [Line("p50", "--s3", s => of(s).Count > 0 ? of(s).P50 : null), Line("p95", "--s7", s => of(s).Count > 0 ? of(s).P95 : null)]);

        public ChartFigure Queue() => Figure(
            "Queue", Last is { } last ? $"{last.Running} running, {last.Waiting} waiting" : "", "",
            [Area("running", "--s5", s => s.Running), Area("waiting", "--s2", s => s.Waiting)], 4);

        /// <summary>Adds what can't be exceeded: as a line where the use comes near it, else as a figure beside the legend.</summary>
        private ChartFigure Limited(ChartFigure figure, string name, long most, Func<EngineSnapshot, long> limit, double divisor = 1)
        {
            var last = Last is { } snapshot ? limit(snapshot) : 0;
            return last <= 0 ? figure
                : most >= last * LimitFrom ? figure with { Series = [.. figure.Series, Limit(name, s => limit(s) / divisor)] }
                : figure with { Beyond = $"{name} {Fmt.Count(last)}" };
        }

        private static int Used(KvCells cells) => cells.Pinned + cells.Shared + cells.Private;

        private static string AtLoad(MemoryUse memory) => memory is { Estimated: { } estimated, Allocated: { } allocated }
            ? $" · loaded {Fmt.Bytes(allocated)}, {Fmt.Bytes(estimated)} estimated"
            : "";

        private static long Used(MemoryUse memory) => memory.Weights + memory.Kv + memory.ImageCache + memory.PrefixStore + memory.Compute;

        private ChartSeries Area(string name, string color, Func<EngineSnapshot, double?> value) => new(name, color, SeriesStyle.Area, Values(value));

        private ChartSeries Line(string name, string color, Func<EngineSnapshot, double?> value) => new(name, color, SeriesStyle.Line, Values(value));

        private ChartSeries Limit(string name, Func<EngineSnapshot, double?> value) => new(name, "--mut", SeriesStyle.Limit, Values(value));

        // Four digits are more than a pixel can show, and keep a tick small.
        private double?[] Values(Func<EngineSnapshot, double?> value) => [.. history.Select(s => value(s) is { } number ? Math.Round(number, number < 100 ? 2 : 0) : (double?)null)];

        private ChartFigure Figure(string title, string subtitle, string unit, IReadOnlyList<ChartSeries> series, double minTop = 0) => new()
        {
            Title = title, Subtitle = subtitle, Unit = unit, EndMs = _endMs, WindowSeconds = window.TotalSeconds, X = _x, Series = series, MinTop = minTop,
        };
    }
}
