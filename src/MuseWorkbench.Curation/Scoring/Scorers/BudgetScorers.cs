using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>The run took at most this many milliseconds of wall-clock, waiting for the engine included.</summary>
public sealed record LatencyScorer : Scorer
{
    /// <summary>Milliseconds.</summary>
    public required double Threshold { get; init; }

    [JsonIgnore]
    public override ImmutableArray<ScoreChannel> Channels => [ScoreChannel.Run];

    internal override string? FindProblem() => Threshold > 0 ? null : "'threshold' is above 0, in milliseconds.";

    public override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var took = target.Run.End!.WallClockMs;
        return new(Score.Of(took <= Threshold, $"{Words.Number(Math.Round(took))} ms of at most {Words.Number(Threshold)} ms"));
    }
}

/// <summary>Which tokens are counted.</summary>
public enum TokenCount
{
    /// <summary>All that were generated: what it cost.</summary>
    Total,
    /// <summary>Those on the longest chain of dependent calls: what latency cannot go below.</summary>
    CriticalPath,
}

/// <summary>The run generated at most this many tokens.</summary>
public sealed record TokensScorer : Scorer
{
    public required int Threshold { get; init; }

    public TokenCount Count { get; init; }

    [JsonIgnore]
    public override ImmutableArray<ScoreChannel> Channels => [ScoreChannel.Run];

    internal override string? FindProblem() => Threshold > 0 ? null : "'threshold' is above 0.";

    public override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var end = target.Run.End!;
        var generated = Count == TokenCount.Total ? end.TotalTokens : end.CriticalPathTokens;
        return new(Score.Of(generated <= Threshold, $"{generated} tokens of at most {Threshold}"));
    }
}
