using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Runs;

/// <summary>Kept runs as lists show them, and what users add to them. Empty where nothing can be kept. Thread-safe.</summary>
public interface IRunCatalog
{
    /// <summary>One page of the runs that match.</summary>
    Task<RunPage> FindAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>One run, or null.</summary>
    Task<RunRecord?> GetAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Ratings of an experiment's runs, where they have one.</summary>
    Task<IReadOnlyDictionary<Guid, int>> GetRatingsAsync(Guid experiment, CancellationToken cancellationToken);

    /// <summary>What can be filtered by.</summary>
    Task<RunFacets> GetFacetsAsync(CancellationToken cancellationToken);

    /// <summary>Replaces a run's tags; returns them as kept: trimmed, each once, at most <see cref="RunRecord.MaxTags"/>.</summary>
    Task<ImmutableArray<string>> SetTagsAsync(Guid runId, IEnumerable<string> tags, CancellationToken cancellationToken);

    /// <summary>Rates a run 1 to 5; null takes its rating away.</summary>
    Task RateAsync(Guid runId, int? rating, CancellationToken cancellationToken);

    Task SetNotesAsync(Guid runId, string notes, CancellationToken cancellationToken);

    /// <summary>Takes a run out of every list; false where it is unknown or still running. <see cref="RestoreAsync"/> brings it back, within a day at least.</summary>
    Task<bool> DeleteAsync(Guid runId, CancellationToken cancellationToken);

    Task<bool> RestoreAsync(Guid runId, CancellationToken cancellationToken);
}

/// <summary>Which runs, in which order.</summary>
public sealed record RunQuery
{
    /// <summary>Words that must all occur in the question, answer, team, model, tags, notes or image names; case does not matter.</summary>
    public string Search { get; init; } = "";
    public RunState? State { get; init; }
    public string? Team { get; init; }
    public string? Model { get; init; }
    public string? Tag { get; init; }
    /// <summary>Least rating.</summary>
    public int? Rating { get; init; }
    /// <summary>Started at or after.</summary>
    public DateTimeOffset? From { get; init; }
    /// <summary>Started before.</summary>
    public DateTimeOffset? Before { get; init; }
    /// <summary>Whether runs of experiments are among them.</summary>
    public ExperimentRuns Experiments { get; init; }
    /// <summary>Those of one experiment alone.</summary>
    public Guid? Experiment { get; init; }
    public RunSort Sort { get; init; }
    public int Skip { get; init; }
    public int Take { get; init; } = 50;
}

/// <summary>A run's outcome, or that it has none yet.</summary>
public enum RunState { Running, Completed, Stopped, Failed, Interrupted }

/// <summary>What becomes of experiments' runs in a list: there are many of them, and nobody asked for one.</summary>
public enum ExperimentRuns { LeaveOut, Include, Only }

/// <summary>Orders of a list.</summary>
public enum RunSort { Newest, Oldest, BestRated, Longest, MostTokens, LeastAgreement }

/// <summary>A kept run at a glance.</summary>
public sealed record RunRecord(
    Guid RunId, DateTimeOffset StartedAt, string Prompt, string TeamName, string Strategy, int Agents, ImmutableArray<string> Models,
    RunOutcome? Outcome, string? Answer, double? Agreement, double WallClockMs, int TotalTokens, int CriticalPathTokens,
    int? Rating, string Notes, ImmutableArray<string> Tags, ImmutableArray<string> Images)
{
    public const int MaxTags = 20, MaxTagLength = 40, MaxNotesLength = 20_000;

    /// <summary>The experiment it was run for; null where someone asked.</summary>
    public Guid? ExperimentId { get; init; }
}

/// <summary>A page of runs, and how many match in all.</summary>
public sealed record RunPage(ImmutableArray<RunRecord> Runs, int Total);

/// <summary>What kept runs can be filtered by, sorted.</summary>
public sealed record RunFacets(ImmutableArray<string> Teams, ImmutableArray<string> Models, ImmutableArray<string> Tags);
