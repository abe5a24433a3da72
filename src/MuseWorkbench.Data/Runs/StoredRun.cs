using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Runs;

/// <summary>A run as lists show it. Everything but tags, rating and notes is computed from its events.</summary>
internal sealed class StoredRun
{
    public required Guid Id { get; init; }
    public DateTimeOffset StartedAt { get; set; }
    public string Prompt { get; set; } = "";
    public string TeamName { get; set; } = "";
    public string Strategy { get; set; } = "";
    public int Agents { get; set; }
    /// <summary>Each model's id between line breaks, such as <c>"\nmuse-mini\n"</c>.</summary>
    public string Models { get; set; } = "";
    /// <summary>Null while it runs.</summary>
    public RunOutcome? Outcome { get; set; }
    public string? Answer { get; set; }
    public double? Agreement { get; set; }
    public double WallClockMs { get; set; }
    public int TotalTokens { get; set; }
    public int CriticalPathTokens { get; set; }
    /// <summary>1 to 5; null where it was not rated.</summary>
    public int? Rating { get; set; }
    public string Notes { get; set; } = "";
    /// <summary>All that a search looks through, in lower case.</summary>
    public string SearchText { get; set; } = "";
    /// <summary>The experiment it was run for; null where someone asked.</summary>
    public Guid? ExperimentId { get; set; }
    /// <summary>The workbench that runs it, or did; null where there can be but one.</summary>
    public string? Worker { get; set; }
    /// <summary>Set where the user deleted it; the rows go at a later start.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
    public List<StoredTag> Tags { get; init; } = [];
    public List<StoredImage> Images { get; init; } = [];
}

/// <summary>One event, as JSON beside its key.</summary>
internal sealed class StoredEvent
{
    public required Guid RunId { get; init; }
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Json { get; init; }
}

/// <summary>A workbench among several over one database, by its last sign of life.</summary>
internal sealed class StoredWorker
{
    public required string Id { get; init; }
    public DateTimeOffset SeenAt { get; set; }
}

/// <summary>A word the user put on a run.</summary>
internal sealed class StoredTag
{
    public Guid RunId { get; init; }
    public required string Tag { get; init; }
}

/// <summary>An image of a run's question; its bytes lie with the images.</summary>
internal sealed class StoredImage
{
    public Guid RunId { get; init; }
    public required int Ordinal { get; init; }
    public required string Sha256 { get; init; }
    public required string Name { get; init; }
}
