namespace MuseWorkbench.Curation.Exchange;

/// <summary>What an archive may be at most, checked on its directory before anything in it is read.</summary>
public sealed record ArchiveLimits
{
    public static ArchiveLimits Default { get; } = new();

    public int MaxEntries { get; init; } = 50_000;

    /// <summary>Bytes of all files together, unpacked.</summary>
    public long MaxBytes { get; init; } = 2L << 30;

    /// <summary>Unpacked over packed size, of a file over 64 KB and of the whole.</summary>
    public int MaxRatio { get; init; } = 100;
}
