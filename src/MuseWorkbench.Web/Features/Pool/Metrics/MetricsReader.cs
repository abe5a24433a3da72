using System.Globalization;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Pool.Metrics;

/// <summary>Turns a server's metrics pages into the snapshots our own engines send, as far as they say as much. Not thread-safe.</summary>
/// <param name="kind">What kind of server it is.</param>
/// <param name="rows">Sequences it decodes at once; 0 where unknown.</param>
internal sealed class MetricsReader(MemberKind kind, int rows)
{
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly MetricNames _names = MetricNames.Of(kind) ?? throw new ArgumentException("This kind of server has no metrics.", nameof(kind));
    private readonly Queue<(DateTimeOffset At, PrometheusPage Page)> _pages = new();

    /// <summary>What happened since the page before (the first one: nothing), and how things stand.</summary>
    public EngineSnapshot Read(string text, DateTimeOffset at)
    {
        var page = PrometheusPage.Parse(text);
        var before = _pages.LastOrDefault();
        // A server that began anew counts from nothing.
        var since = before.Page is not null && Value(before.Page, _names.Generated) <= Value(page, _names.Generated) ? before.Page : page;
        if (since == page)
            _pages.Clear();
        _pages.Enqueue((at, page));
        while (_pages.Peek().At < at - s_window)
            _pages.Dequeue();

        var interval = before.Page is null ? 0 : (at - before.At).TotalMilliseconds;
        int running = (int)Value(page, _names.Running), generated = (int)Rise(_names.Generated);
        var steps = (int)Rise(_names.Steps);
        var between = Between(_names.InterToken, since, page);
        return new EngineSnapshot
        {
            At = at,
            IntervalMs = interval,
            Steps = (long)Value(page, _names.Steps),
            // Where steps aren't counted, time between an agent's tokens is a step's; rows are those running.
            IntervalSteps = steps > 0 ? steps : between.Count > 0 && running > 0 ? Math.Max(1, generated / running) : 0,
            MeanRows = steps > 0 && generated > 0 ? (double)generated / steps : running,
            MaxRows = running,
            RowCapacity = rows,
            StepMeanMs = between.Count > 0 ? between.Sum * 1000 / between.Count : steps > 0 && interval > 0 ? interval / steps : 0,
            StepP95Ms = Quantile(_names.InterToken, 0.95),
            IntervalGenerated = generated,
            IntervalPrefilled = (int)Math.Max(0, Rise(_names.Prompt) - Rise(_names.Cached)),
            Running = running,
            Waiting = (int)Value(page, _names.Waiting),
            Kv = Cells(page),
            Memory = new MemoryUse("", 0, 0, 0, 0, 0, 0, 0),
            TimeToFirstToken = Latency(_names.FirstToken),
            InterToken = Latency(_names.InterToken),
            Counters = new EngineCounters
            {
                PromptTokens = (long)Value(page, _names.Prompt),
                PromptTokensCached = (long)Value(page, _names.Cached),
                GeneratedTokens = (long)Value(page, _names.Generated),
                PrefixQueries = (long)Value(page, _names.PrefixQueries),
                PrefixHits = (long)Value(page, _names.PrefixHits),
                Preemptions = (long)Value(page, _names.Preemptions),
                RequestsFinished = (long)Value(page, _names.Finished),
            },
        };

        double Rise(string[] names) => Math.Max(0, Value(page, names) - Value(since, names));

        LatencySummary Latency(string[] names) =>
            new((int)Between(names, _pages.Peek().Page, page).Count, Quantile(names, 0.5), Quantile(names, 0.95), Quantile(names, 0.99));

        double Quantile(string[] names, double share) => 1000 * HistogramQuantile(names, _pages.Peek().Page, page, share);
    }

    private KvCells Cells(PrometheusPage page)
    {
        var capacity = Value(page, _names.KvCapacity);
        if (capacity == 0 && page.Labels("vllm:cache_config_info") is { } config)
            capacity = Whole(PrometheusPage.Label(config, "num_gpu_blocks")) * Whole(PrometheusPage.Label(config, "block_size"));
        var used = Math.Clamp(Value(page, _names.KvShare), 0, 1) * capacity;
        return new KvCells((int)Math.Min(int.MaxValue, capacity), 0, 0, (int)Math.Min(int.MaxValue, used));

        static double Whole(string? text) => double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private static double Value(PrometheusPage page, string[] names) => names.Select(name => page[name]).FirstOrDefault(value => value is not null) ?? 0;

    private static (double Count, double Sum) Between(string[] names, PrometheusPage from, PrometheusPage to)
    {
        var name = names.FirstOrDefault(n => to[n + "_count"] is not null);
        return name is null ? default : (Rise(name + "_count"), Rise(name + "_sum"));

        double Rise(string of) => Math.Max(0, (to[of] ?? 0) - (from[of] ?? 0));
    }

    /// <summary>As Prometheus' <c>histogram_quantile</c>: even within a bucket, the last finite bound beyond it.</summary>
    private static double HistogramQuantile(string[] names, PrometheusPage from, PrometheusPage to, double share)
    {
        var name = names.FirstOrDefault(n => to.Buckets(n).Count > 0);
        if (name is null)
            return 0;
        var before = from == to ? null : from.Buckets(name);
        var counts = to.Buckets(name).Select(b => (Bound: b.Key, Count: b.Value - (before is not null && before.TryGetValue(b.Key, out var earlier) ? earlier : 0))).ToArray();
        var total = counts[^1].Count;
        if (total <= 0)
            return 0;
        var (lower, below) = (0.0, 0.0);
        foreach (var (bound, count) in counts)
        {
            if (count >= share * total)
                return double.IsPositiveInfinity(bound) ? lower : lower + ((bound - lower) * ((share * total) - below) / Math.Max(1e-12, count - below));
            (lower, below) = (bound, count);
        }

        return lower;
    }
}
