using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>What scorers may need beside the run.</summary>
/// <param name="Judge">The model that grades; null where there is none, then model-graded assertions end in errors.</param>
/// <param name="Images">Where the run's images are.</param>
public sealed record ScoringServices(IChatClient? Judge = null, IImageStore? Images = null)
{
    /// <summary>How the judge is sampled; null for its own defaults.</summary>
    public ChatOptions? JudgeOptions { get; init; }
}

/// <summary>What an assertion's channel holds.</summary>
/// <param name="Run">The run it is part of.</param>
/// <param name="Channel">Which.</param>
public sealed record ScoringTarget(ScoredRun Run, ScoreChannel Channel)
{
    /// <summary>Of text channels.</summary>
    public string Text { get; init; } = "";
    public ImmutableArray<Region> Regions { get; init; } = [];
    public ImmutableArray<ScoredToolCall> ToolCalls { get; init; } = [];
}

/// <summary>A rule that scores a run. Its public properties are its settings, as they stand in an assertion's text.</summary>
public abstract record Scorer
{
    internal static readonly ImmutableArray<ScoreChannel> TextChannels = [ScoreChannel.Final, ScoreChannel.Answer, ScoreChannel.Reasoning];

    /// <summary>The channels it can look at; the first where none is named.</summary>
    [JsonIgnore]
    public virtual ImmutableArray<ScoreChannel> Channels => TextChannels;

    /// <summary>The score it takes to pass, where the assertion names none.</summary>
    [JsonIgnore]
    public virtual double DefaultThreshold => 1;

    /// <summary>What is wrong with its settings, in words for whoever wrote them; null where nothing is.</summary>
    internal virtual string? FindProblem() => null;

    /// <summary>Scores what the channel holds.</summary>
    public abstract ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken);
}

/// <summary>A rule over a text.</summary>
public abstract record TextScorer : Scorer
{
    /// <summary>Scores a text by itself.</summary>
    public abstract Score Score(string text);

    public sealed override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken) => new(Score(target.Text));
}
