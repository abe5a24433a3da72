using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>One answer and who gave it.</summary>
/// <param name="Answer">As first written by an agent.</param>
/// <param name="Normalised">The key under which answers count as the same.</param>
/// <param name="Agents">Indices of the agents that gave it, in order of arrival.</param>
public sealed record VoteOption(string Answer, string Normalised, ImmutableArray<int> Agents)
{
    /// <summary>The votes' weight together, where votes are weighted; null where each counts one.</summary>
    public double? Weight { get; init; }

    /// <summary>What decides: the weight, else the number of votes.</summary>
    [JsonIgnore]
    public double Strength => Weight ?? Agents.Length;
}

/// <summary>The tally after another agent answered: most votes (or weight) first, then earliest.</summary>
public sealed record VoteChanged : RunEvent
{
    public required ImmutableArray<VoteOption> Options { get; init; }
    /// <summary>Agents that may still answer.</summary>
    public required int Open { get; init; }
}

/// <summary>How a final answer came about.</summary>
public enum FinalOutcome
{
    Majority,
    Unanimous,
    Tie,
    Single,
    NoAnswer,
    /// <summary>The answer with the most weight.</summary>
    Weighted,
    /// <summary>A judge chose one of the answers.</summary>
    Judged,
    /// <summary>One agent wrote it from the others' answers.</summary>
    Synthesised,
    /// <summary>A tie, in which the answer of the team's earliest agent among the tied ones counts.</summary>
    CastingVote,
}

/// <summary>How a lead's answer stands to the vote.</summary>
public enum VerdictRelation
{
    Agrees,
    Overrides,
    /// <summary>There was no single leading answer to agree with.</summary>
    Decides,
    /// <summary>It failed, said nothing that could be read, or wrote another answer without saying that it overrides the vote and why; the vote stands.</summary>
    None,
}

/// <summary>What the lead said of the answers before it.</summary>
/// <param name="Agent">Its index in the run.</param>
/// <param name="Relation">Found by comparing its answer with the vote's.</param>
public sealed record Verdict(int Agent, VerdictRelation Relation)
{
    /// <summary>What it said itself, where it did: that it agrees, or that it overrides.</summary>
    public VerdictRelation? Claimed { get; init; }
    /// <summary>Its reason in its own words; null where it gave none.</summary>
    public string? Reason { get; init; }
    /// <summary>The answer it wrote, where that does not count because it said that it agrees with another, or not that it overrides the vote and why; else null.</summary>
    public string? Unheeded { get; init; }
}

/// <summary>What a strategy did not need to run.</summary>
/// <param name="Reason">Why, for most of the agents.</param>
/// <param name="Stopped">Agents stopped while they worked.</param>
/// <param name="NotStarted">Agents never started.</param>
/// <param name="EstimatedTokensSaved">For each of them the mean length of those that ended, less what it had generated: an estimate.</param>
public sealed record EarlyStop(EarlyStopReason Reason, int Stopped, int NotStarted, int EstimatedTokensSaved);

public sealed record FinalAnswer : RunEvent
{
    public required FinalOutcome Outcome { get; init; }
    /// <summary>The winning answer; the tied answers joined by " | " on a tie; empty with <see cref="FinalOutcome.NoAnswer"/>.</summary>
    public required string Answer { get; init; }
    public required ImmutableArray<VoteOption> Options { get; init; }
    /// <summary>Share of the votes cast (of their weight, where weighted) that the answer got, 0 to 1.</summary>
    public required double Agreement { get; init; }
    /// <summary>Where a lead had the last word.</summary>
    public Verdict? Verdict { get; init; }
    /// <summary>Where agents were spared.</summary>
    public EarlyStop? EarlyStop { get; init; }
}
