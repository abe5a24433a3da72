using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Cases;

/// <summary>Which cases a version holds, and which of them a query asks for, in terms every database translates.</summary>
internal static class CaseFilter
{
    /// <param name="version">Null for the draft; one that was not published holds nothing.</param>
    public static IQueryable<StoredCase> CasesIn(this RunDbContext context, Guid dataset, int? version)
    {
        var ours = context.Cases.Where(c => c.DatasetId == dataset);
        return version is { } number
            ? ours.Where(c => c.First <= number && (c.Last == null || c.Last >= number) && context.Versions.Any(v => v.DatasetId == dataset && v.Number == number))
            : ours.Where(c => c.Last == null);
    }

    public static IQueryable<StoredCase> Matching(this IQueryable<StoredCase> cases, CaseQuery query)
    {
        foreach (var word in RunProjection.Fold(query.Search).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            cases = cases.Where(c => c.SearchText.Contains(word));
        if (query.Tag is { Length: > 0 } tag)
        {
            var entry = CaseRows.Entry(tag);
            cases = cases.Where(c => c.Tags.Contains(entry));
        }
        if (query.Split is { Length: > 0 } split)
            cases = cases.Where(c => c.Split == split);
        return cases;
    }
}
