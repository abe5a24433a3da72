using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>An experiment to be made.</summary>
public sealed record ExperimentDraft
{
    /// <summary>Empty for one made of the dataset's and the time.</summary>
    public string Name { get; init; } = "";

    public required Guid DatasetId { get; init; }

    /// <summary>The published version; null for the latest, which is refused where the draft has changes it lacks.</summary>
    public int? Version { get; init; }

    /// <summary>Whether a changed draft is published first, and that version used.</summary>
    public bool Publish { get; init; }

    public ExperimentFilter? Filter { get; init; }

    public required ImmutableArray<ExperimentTeam> Teams { get; init; }

    public int Repeats { get; init; } = 1;

    /// <summary>Null draws one.</summary>
    public uint? SeedBase { get; init; }

    /// <summary>For cases that have none.</summary>
    public ImmutableArray<JsonElement> DefaultAssertions { get; init; } = [];

    /// <summary>Whether it waits to be resumed instead of beginning at once.</summary>
    public bool Paused { get; init; }
}

/// <summary>Why an experiment is refused.</summary>
public enum ExperimentRefusal
{
    /// <summary>Something in the draft can't be so.</summary>
    Invalid,
    /// <summary>There is no such dataset or version.</summary>
    NotFound,
    /// <summary>The dataset has no version yet, or its draft has changes the latest lacks: publishing is offered.</summary>
    PublishFirst,
    /// <summary>Some cases could be asked but not scored.</summary>
    Unscorable,
}

/// <summary>An experiment is refused, and nothing was kept; the message is for the user.</summary>
public sealed class ExperimentRefusedException(ExperimentRefusal refusal, string message) : Exception(message)
{
    public ExperimentRefusal Refusal { get; } = refusal;
}
