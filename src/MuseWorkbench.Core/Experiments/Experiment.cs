using System.Collections.Immutable;
using System.Text.Json;

namespace MuseWorkbench.Core;

/// <summary>
/// Teams × cases × repeats over one published version of a dataset. What is asked never changes once it is made: teams and
/// cases are kept with it as they were, whatever becomes of them elsewhere.
/// </summary>
public sealed record Experiment
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The dataset its cases came from; it may be gone by now.</summary>
    public required Guid DatasetId { get; init; }

    /// <summary>What the dataset was called then.</summary>
    public required string DatasetName { get; init; }

    /// <summary>The published version.</summary>
    public required int Version { get; init; }

    /// <summary>Which of its cases; null for all.</summary>
    public ExperimentFilter? Filter { get; init; }

    /// <summary>1 to <see cref="ExperimentLimits.Teams"/>, no two alike. Cells name them by index.</summary>
    public required ImmutableArray<ExperimentTeam> Teams { get; init; }

    /// <summary>How many cases there are.</summary>
    public required int Cases { get; init; }

    /// <summary>How often each team answers each case, 1 to <see cref="ExperimentLimits.Repeats"/>.</summary>
    public required int Repeats { get; init; }

    /// <summary>Where the cells' seeds follow from.</summary>
    public required uint SeedBase { get; init; }

    /// <summary>Assertions for cases that have none, as <see cref="Case.Assertions"/>; empty for what follows from the expected answer.</summary>
    public ImmutableArray<JsonElement> DefaultAssertions { get; init; } = [];

    public ExperimentState State { get; init; }

    /// <summary>Why it stands still, where that was not asked for; a sentence for the user.</summary>
    public string? Reason { get; init; }

    /// <summary>The version whose assertions its scores come from; that of its cases until it was scored again.</summary>
    public required int ScoredVersion { get; init; }
}

/// <summary>Where an experiment stands.</summary>
public enum ExperimentState
{
    /// <summary>Its cells are run, one after another, as there is room.</summary>
    Running,
    /// <summary>Runs under way end; no further ones begin.</summary>
    Paused,
    /// <summary>Stopped for good, as far as nobody asks for what is missing.</summary>
    Cancelled,
    /// <summary>Every cell has a result or an error.</summary>
    Completed,
}

/// <summary>A team as it was when the experiment was made.</summary>
/// <param name="Hash">SHA-256 of its content.</param>
public sealed record ExperimentTeam(TeamSpec Spec, string Hash);

/// <summary>Which cases of a version take part; all conditions hold together.</summary>
public sealed record ExperimentFilter
{
    public string? Tag { get; init; }
    public string? Split { get; init; }

    /// <summary>The first so many of those, in the dataset's order; null for all.</summary>
    public int? First { get; init; }
}

/// <summary>What an experiment may hold at most.</summary>
public static class ExperimentLimits
{
    public const int Teams = 16;
    public const int Repeats = 64;
    public const int Cells = 200_000;
    public const int NameLength = 120;

    /// <summary>UTF-16 units of an answer or a reason that are kept with a cell; the run has all of it.</summary>
    public const int TextLength = 8_000;
}
