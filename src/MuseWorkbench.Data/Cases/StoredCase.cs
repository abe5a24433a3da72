namespace MuseWorkbench.Data.Cases;

/// <summary>A dataset; its draft is the version after the last.</summary>
internal sealed class StoredDataset
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public List<StoredVersion> Versions { get; init; } = [];
}

/// <summary>A published version. What it holds follows from the cases' <see cref="StoredCase.First"/> and <see cref="StoredCase.Last"/>.</summary>
internal sealed class StoredVersion
{
    public Guid DatasetId { get; init; }
    public required int Number { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string Note { get; init; }
    public required int Cases { get; init; }
}

/// <summary>
/// What a case was from one version of its dataset to another: publishing copies nothing, and what a published version
/// holds is never written again, but for <see cref="Last"/> when a draft goes on without it.
/// </summary>
internal sealed class StoredCase
{
    public long Key { get; init; }
    public required Guid DatasetId { get; init; }
    public required string CaseId { get; init; }
    /// <summary>The first version it is in.</summary>
    public required int First { get; init; }
    /// <summary>The last; null while the draft holds it.</summary>
    public int? Last { get; init; }
    /// <summary>Its place among the dataset's cases, the same in every version.</summary>
    public required long Position { get; init; }
    /// <summary>SHA-256 of its content.</summary>
    public required string Hash { get; init; }
    public string? Split { get; init; }
    /// <summary>Each tag between line breaks, such as <c>"\nhard\n"</c>: one row a case keeps imports short.</summary>
    public required string Tags { get; init; }
    /// <summary>Each image's SHA-256 between line breaks.</summary>
    public required string Images { get; init; }
    /// <summary>All that a search looks through, in lower case.</summary>
    public required string SearchText { get; init; }
    /// <summary>The case as JSON.</summary>
    public required string Json { get; init; }
}

/// <summary>What an image looks like.</summary>
internal sealed class StoredPrint
{
    public required string Sha256 { get; init; }
    /// <summary>Its difference hash, the bits as they are.</summary>
    public required long Print { get; init; }
}
