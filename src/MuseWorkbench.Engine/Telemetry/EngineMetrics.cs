using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Telemetry;

/// <summary>What a metrics endpoint reports: totals since start, the present state, and latency distributions. Immutable.</summary>
public sealed record EngineMetrics
{
    /// <summary>Counters and gauges, as of the last snapshot.</summary>
    public required EngineSnapshot Snapshot { get; init; }

    /// <summary>Arrival to first token.</summary>
    public required HistogramSnapshot TimeToFirstToken { get; init; }

    /// <summary>Between two tokens of one request.</summary>
    public required HistogramSnapshot InterToken { get; init; }

    /// <summary>Arrival to the first step that carried the request.</summary>
    public required HistogramSnapshot Queue { get; init; }

    /// <summary>That step to the end of the prompt.</summary>
    public required HistogramSnapshot Prefill { get; init; }

    /// <summary>First token to last.</summary>
    public required HistogramSnapshot Decode { get; init; }

    /// <summary>First step that carried the request to its last token; finished requests only.</summary>
    public required HistogramSnapshot Inference { get; init; }

    /// <summary>Arrival to finish; finished requests only.</summary>
    public required HistogramSnapshot EndToEnd { get; init; }

    /// <summary>Tokens computed in one step, of prompts and answers together.</summary>
    public required HistogramSnapshot StepTokens { get; init; }

    /// <summary>Prompt tokens a finished request had computed, cached ones left out.</summary>
    public required HistogramSnapshot PromptComputed { get; init; }

    /// <summary>Times a finished request was preempted.</summary>
    public required HistogramSnapshot Preemptions { get; init; }
}

/// <summary>A distribution, as Prometheus and OpenTelemetry count it.</summary>
/// <param name="Bounds">Upper bounds of the buckets, ascending, inclusive; the last bucket (above all of them) has none.</param>
/// <param name="Counts">Observations per bucket, not cumulative; one more than <paramref name="Bounds"/>.</param>
/// <param name="Sum">What was observed, in all.</param>
public sealed record HistogramSnapshot(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts, double Sum)
{
    public long Count => Counts.Sum();
}
