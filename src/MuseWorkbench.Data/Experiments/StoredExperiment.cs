using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Experiments;

/// <summary>An experiment. What never changes stands in its JSON, what does in columns.</summary>
internal sealed class StoredExperiment
{
    public required Guid Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required ExperimentState State { get; set; }
    public string? Reason { get; set; }
    /// <summary>The dataset version whose assertions the scores come from.</summary>
    public required int ScoredVersion { get; set; }
    public required string Json { get; init; }
}

/// <summary>A case as an experiment asks it.</summary>
internal sealed class StoredExperimentCase
{
    public required Guid ExperimentId { get; init; }
    public required int Index { get; init; }
    public required string CaseId { get; init; }
    public required string Hash { get; init; }
    public required string Cluster { get; init; }
    public required string Json { get; init; }
}

/// <summary>An attempt: leased while it is run, then its result.</summary>
internal sealed class StoredCell
{
    public long Key { get; init; }
    public required Guid ExperimentId { get; init; }
    public required int Team { get; init; }
    public required int Case { get; init; }
    public required int Repeat { get; init; }
    public required long Seed { get; init; }
    public required CellState State { get; set; }
    public Guid? RunId { get; set; }
    /// <summary>Who runs it, until when; null where nobody does.</summary>
    public string? Owner { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public double? Score { get; set; }
    public bool Passed { get; set; }
    public string? Answer { get; set; }
    public string? Error { get; set; }
    public int Tokens { get; set; }
    public double WallClockMs { get; set; }
    public int CriticalPathTokens { get; set; }
    /// <summary>Scores of its assertions as JSON; null for none.</summary>
    public string? Assertions { get; set; }
}
