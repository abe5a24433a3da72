using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Something about one place of an import.</summary>
/// <param name="Place">Where, in the file's own terms, such as <c>metadata.jsonl, line 12</c>; empty for the whole.</param>
/// <param name="Reason">A sentence for the reader.</param>
public sealed record ImportRemark(string Place, string Reason);

/// <summary>What an import took, what it left out and why.</summary>
public sealed record ImportReport
{
    /// <summary>Most remarks of one kind that are listed; <see cref="FaultCount"/> and <see cref="SkippedCount"/> count on.</summary>
    public const int MaxRemarks = 200;

    /// <summary>The format's id; empty where none was recognised.</summary>
    public required string Format { get; init; }

    /// <summary>The dataset it went into; null where nothing was kept.</summary>
    public Guid? DatasetId { get; init; }

    /// <summary>What became of the cases that were taken; null where nothing was kept.</summary>
    public SaveSummary? Saved { get; init; }

    /// <summary>Cases taken, or that would have been, had there been no fault.</summary>
    public int Taken { get; init; }

    /// <summary>What can't be read. One is enough for nothing to be kept.</summary>
    public ImmutableArray<ImportRemark> Faults { get; init; } = [];
    public int FaultCount { get; init; }

    /// <summary>Entries that can be read but make no case; the others were taken.</summary>
    public ImmutableArray<ImportRemark> Skipped { get; init; } = [];
    public int SkippedCount { get; init; }

    /// <summary>What the format says and a case does not hold.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Taken images that are in the dataset already, or look like one that is.</summary>
    public ImmutableArray<ImageTwin> Twins { get; init; } = [];

    /// <summary>Teams that came along and were kept.</summary>
    public int Teams { get; init; }

    /// <summary>Runs that came along and were kept.</summary>
    public int Runs { get; init; }

    /// <summary>Taken cases that were then left out, because it was decided so of their twins.</summary>
    public int LeftOut { get; init; }

    /// <summary>Whether cases were kept.</summary>
    public bool IsKept => DatasetId is not null;
}

/// <summary>How far an import is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Cases">Cases of this stage so far.</param>
public readonly record struct ImportProgress(ImportStage Stage, int Cases);

/// <summary>The stages of an import, in order. Nothing is kept before the second, no case before the third.</summary>
public enum ImportStage { Checking, KeepingImages, Saving }
