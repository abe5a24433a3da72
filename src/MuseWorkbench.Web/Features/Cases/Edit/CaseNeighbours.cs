using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Browse;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>Where a case stands in a list, and what stands beside it.</summary>
/// <param name="Index">From 0; null where the list does not hold it any more.</param>
/// <param name="Total">Cases in the list.</param>
internal sealed record CaseNeighbours(int? Index, int Total, (string Id, int Index)? Previous, (string Id, int Index)? Next)
{
    private const int AtOnce = 500;

    /// <param name="state">The list, with where the case stood when it was last seen.</param>
    public static async Task<CaseNeighbours> FindAsync(ICaseStore store, Guid dataset, CaseListState state, string caseId, CancellationToken cancellationToken)
    {
        if (state.At is { } at)
        {
            var first = Math.Max(0, at - 1);
            var page = await store.QueryAsync(dataset, state.Query with { Skip = first, Take = 3 }, cancellationToken);
            var here = at - first;
            if (here < page.Cases.Length && page.Cases[here].Id == caseId)
                return new(at, page.Total, here > 0 ? (page.Cases[here - 1].Id, at - 1) : null, here + 1 < page.Cases.Length ? (page.Cases[here + 1].Id, at + 1) : null);
        }
        return await SearchAsync(store, dataset, state, caseId, cancellationToken);
    }

    // Opened by its own address, or the list changed: looked for from the beginning.
    private static async Task<CaseNeighbours> SearchAsync(ICaseStore store, Guid dataset, CaseListState state, string caseId, CancellationToken cancellationToken)
    {
        string? before = null;
        for (var skip = 0; ; skip += AtOnce)
        {
            var page = await store.QueryAsync(dataset, state.Query with { Skip = skip, Take = AtOnce }, cancellationToken);
            for (var i = 0; i < page.Cases.Length; i++)
            {
                if (page.Cases[i].Id == caseId)
                {
                    var index = skip + i;
                    var next = i + 1 < page.Cases.Length
                        ? page.Cases[i + 1].Id
                        : (await store.QueryAsync(dataset, state.Query with { Skip = index + 1, Take = 1 }, cancellationToken)).Cases.FirstOrDefault()?.Id;
                    return new(index, page.Total, before is null ? null : (before, index - 1), next is null ? null : (next, index + 1));
                }
                before = page.Cases[i].Id;
            }
            if (skip + AtOnce >= page.Total)
                return await AroundAsync(store, dataset, state, page.Total, cancellationToken);
        }
    }

    // It dropped out of the list, by what was changed of it: what followed it has moved up to its place.
    private static async Task<CaseNeighbours> AroundAsync(ICaseStore store, Guid dataset, CaseListState state, int total, CancellationToken cancellationToken)
    {
        if (state.At is not { } at)
            return new(null, total, null, null);
        var first = Math.Max(0, at - 1);
        var page = await store.QueryAsync(dataset, state.Query with { Skip = first, Take = 2 }, cancellationToken);
        var here = at - first;
        return new(null, total, here > 0 && page.Cases.Length > 0 ? (page.Cases[0].Id, first) : null, here < page.Cases.Length ? (page.Cases[here].Id, at) : null);
    }
}
