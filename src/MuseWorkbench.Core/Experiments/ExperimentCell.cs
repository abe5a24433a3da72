using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>One attempt: a team at a case, for the n-th time. There is exactly one of each.</summary>
public sealed record ExperimentCell
{
    /// <summary>For good, in the order in which cells are run.</summary>
    public required long Key { get; init; }
    public required Guid ExperimentId { get; init; }

    /// <summary>Index of the team in <see cref="Experiment.Teams"/>.</summary>
    public required int Team { get; init; }

    /// <summary>Index of the case, as <see cref="CaseKey.Index"/>.</summary>
    public required int Case { get; init; }

    /// <summary>From 0.</summary>
    public required int Repeat { get; init; }

    /// <summary>What the agents' seeds begin from.</summary>
    public required uint Seed { get; init; }

    public CellState State { get; init; }

    /// <summary>The run that answers it, known before it starts; null before.</summary>
    public Guid? RunId { get; init; }

    /// <summary>What came of it; null before it is over.</summary>
    public CellResult? Result { get; init; }

    /// <summary>When its run was last given out.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>Where a cell stands.</summary>
public enum CellState { Pending, Running, Done, Error }

/// <summary>What came of a cell.</summary>
public sealed record CellResult
{
    /// <summary>0 to 1; null where it could not be scored: an error is not a 0.</summary>
    public double? Score { get; init; }

    /// <summary>Whether the case passed by its assertions.</summary>
    public bool Passed { get; init; }

    public ImmutableArray<AssertionScore> Assertions { get; init; } = [];

    /// <summary>The run's final answer, shortened to <see cref="ExperimentLimits.TextLength"/>; null where there is none.</summary>
    public string? Answer { get; init; }

    /// <summary>Why there is no score, in words for the reader; null where there is one.</summary>
    public string? Error { get; init; }

    /// <summary>Generated tokens of all agents.</summary>
    public int Tokens { get; init; }

    /// <summary>Of the run, in milliseconds.</summary>
    public double WallClockMs { get; init; }

    /// <summary>Generated tokens on the longest chain of dependent calls.</summary>
    public int CriticalPathTokens { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }
}

/// <summary>How one assertion of a cell came out.</summary>
/// <param name="Type">Its kind, with <c>not-</c> where it must not hold.</param>
/// <param name="Metric">The name under which results are summed up; null for none.</param>
/// <param name="Score">0 to 1; null where it could not be scored.</param>
/// <param name="Passed">False where it failed or could not be scored.</param>
/// <param name="Weight">What it counts for among the case's.</param>
/// <param name="Reason">In words for the reader.</param>
/// <param name="Unreadable">The answer was not in a form that can be read.</param>
public sealed record AssertionScore(string Type, string? Metric, double? Score, bool Passed, double Weight, string Reason, bool Unreadable = false);

/// <summary>A case of an experiment, without its content.</summary>
/// <param name="Index">From 0, in the dataset's order.</param>
/// <param name="Hash">Its <see cref="CaseContent.Hash"/> when it was asked.</param>
/// <param name="Cluster">What it shares with others: its first image's SHA-256, else its own id.</param>
public sealed record CaseKey(int Index, string CaseId, string Hash, string Cluster);

/// <summary>A case of an experiment, as it was asked.</summary>
public sealed record ExperimentCase(CaseKey Key, Case Case)
{
    /// <summary>A version's case under its index in an experiment.</summary>
    public static ExperimentCase Of(int index, Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return new(new CaseKey(index, @case.Id, CaseContent.Hash(@case), @case.Images.IsDefaultOrEmpty ? @case.Id : @case.Images[0].Sha256), @case);
    }
}
