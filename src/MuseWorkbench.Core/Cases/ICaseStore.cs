using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>
/// Keeps datasets. Every write goes to the draft, in one transaction: all of it is kept or nothing. Versions are read by
/// number; null means the draft. Cases are taken as they come: whoever saves them has checked them. Thread-safe.
/// </summary>
public interface ICaseStore
{
    /// <summary>All datasets, by name.</summary>
    Task<IReadOnlyList<Dataset>> ListAsync(CancellationToken cancellationToken = default);

    Task<Dataset?> FindAsync(Guid dataset, CancellationToken cancellationToken = default);

    /// <summary>Makes a dataset whose draft holds these cases.</summary>
    Task<(Dataset Dataset, SaveSummary Summary)> CreateAsync(string name, CaseBatch batch, CancellationToken cancellationToken = default);

    /// <summary>False where there is no such dataset.</summary>
    Task<bool> RenameAsync(Guid dataset, string name, CancellationToken cancellationToken = default);

    /// <summary>Forgets a dataset and its versions; images stay. False where there is none.</summary>
    Task<bool> DeleteAsync(Guid dataset, CancellationToken cancellationToken = default);

    /// <summary>One page of the cases that match, in the order they were first saved.</summary>
    Task<CasePage> QueryAsync(Guid dataset, CaseQuery query, CancellationToken cancellationToken = default);

    /// <summary>One case, or null.</summary>
    Task<Case?> GetAsync(Guid dataset, string caseId, int? version = null, CancellationToken cancellationToken = default);

    /// <summary>All cases of a version, in order, a few at a time.</summary>
    IAsyncEnumerable<Case> ReadAsync(Guid dataset, int? version = null, CancellationToken cancellationToken = default);

    /// <summary>What can be filtered by.</summary>
    Task<CaseFacets> GetFacetsAsync(Guid dataset, int? version = null, CancellationToken cancellationToken = default);

    /// <summary>Adds cases, and replaces those with the same id; equal content changes nothing. Null where there is no such dataset.</summary>
    /// <exception cref="InvalidOperationException">The dataset would hold more than <see cref="CaseLimits.CasesPerDataset"/>.</exception>
    Task<SaveSummary?> SaveAsync(Guid dataset, CaseBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Takes cases out of the draft; returns how many there were.</summary>
    Task<int> RemoveAsync(Guid dataset, IReadOnlyCollection<string> caseIds, CancellationToken cancellationToken = default);

    /// <summary>Makes the draft the next version; null where it holds no change or there is no such dataset.</summary>
    Task<DatasetVersion?> PublishAsync(Guid dataset, string note, CancellationToken cancellationToken = default);

    /// <summary>Makes the draft what the last version is; false where it held no change.</summary>
    Task<bool> DiscardDraftAsync(Guid dataset, CancellationToken cancellationToken = default);

    /// <summary>What a version holds that another doesn't.</summary>
    Task<DatasetDiff> DiffAsync(Guid dataset, int? from, int? to, CancellationToken cancellationToken = default);

    /// <summary>The images of the draft's cases, each with a case that shows it, and what they look like where that is known.</summary>
    Task<IReadOnlyList<CaseImage>> GetImagesAsync(Guid dataset, CancellationToken cancellationToken = default);
}

/// <summary>Cases to save together, each id once.</summary>
/// <param name="Cases">In the order they shall have.</param>
/// <param name="Prints">What their images look like, by SHA-256; those that aren't known are left out.</param>
public sealed record CaseBatch(IReadOnlyList<Case> Cases, IReadOnlyDictionary<string, ulong>? Prints = null);

/// <summary>What saving did.</summary>
public sealed record SaveSummary(int Added, int Changed, int Unchanged);

/// <summary>An image of a case.</summary>
/// <param name="Print">Its difference hash; null where it isn't known.</param>
public sealed record CaseImage(string CaseId, string Sha256, ulong? Print);

/// <summary>Which cases, of which version.</summary>
public sealed record CaseQuery
{
    /// <summary>A version's number; null for the draft.</summary>
    public int? Version { get; init; }
    /// <summary>Words that must all occur in the id, prompt, choices, expected answer, tags, notes or image names; case does not matter.</summary>
    public string Search { get; init; } = "";
    public string? Tag { get; init; }
    public string? Split { get; init; }
    public int Skip { get; init; }
    /// <summary>1 to 500.</summary>
    public int Take { get; init; } = 50;
}

/// <summary>A page of cases, and how many match in all.</summary>
public sealed record CasePage(ImmutableArray<Case> Cases, int Total);

/// <summary>What cases can be filtered by, sorted.</summary>
public sealed record CaseFacets(ImmutableArray<string> Tags, ImmutableArray<string> Splits);
