using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>
/// A named set of cases: numbered versions that never change, and one draft that does. Publishing makes the draft the
/// next version; the new draft begins as that.
/// </summary>
/// <param name="Id">For good; names may change.</param>
/// <param name="Name">As its keeper calls it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Versions">Oldest first; empty until the first is published.</param>
/// <param name="DraftCases">Cases in the draft.</param>
/// <param name="DraftChanged">Whether the draft was written to since the last version.</param>
public sealed record Dataset(Guid Id, string Name, DateTimeOffset CreatedAt, ImmutableArray<DatasetVersion> Versions, int DraftCases, bool DraftChanged);

/// <summary>A dataset as it was published.</summary>
/// <param name="Number">1, 2, 3 … within the dataset.</param>
/// <param name="Note">What its keeper says of it; may be empty.</param>
/// <param name="Cases">How many it holds.</param>
public sealed record DatasetVersion(int Number, DateTimeOffset CreatedAt, string Note, int Cases);

/// <summary>What differs between two versions, by case id, sorted.</summary>
public sealed record DatasetDiff(ImmutableArray<string> Added, ImmutableArray<string> Removed, ImmutableArray<CaseChange> Changed)
{
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Changed.IsEmpty;
}

/// <summary>A case that both versions hold with different content.</summary>
/// <param name="Fields">JSON names, as in <see cref="CaseContent.ChangedFields"/>.</param>
public sealed record CaseChange(string CaseId, ImmutableArray<string> Fields);
