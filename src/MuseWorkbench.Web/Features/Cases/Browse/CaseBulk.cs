using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>Changes many cases of a draft at once: all of them in one transaction, or none.</summary>
internal sealed class CaseBulk(ICaseStore store)
{
    private const int AtOnce = 500;

    /// <summary>Applies a change to the selected cases.</summary>
    /// <returns>How many it changed, and how many it left as they were because the result would break a rule, with one such rule.</returns>
    public async Task<BulkResult> ChangeAsync(Guid dataset, CaseQuery query, CaseSelection selection, Func<Case, Case> change, CancellationToken cancellationToken)
    {
        var changed = new List<Case>();
        var refused = 0;
        string? reason = null;
        await foreach (var @case in ReadAsync(dataset, query, selection, cancellationToken))
        {
            var after = CaseRules.Normalise(change(@case));
            if (CaseContent.Hash(after) == CaseContent.Hash(@case))
                continue;
            if (CaseRules.Check(after) is [var problem, ..])
                (refused, reason) = (refused + 1, problem);
            else
                changed.Add(after);
        }
        if (changed.Count > 0)
            await store.SaveAsync(dataset, new CaseBatch(changed), cancellationToken);
        return new BulkResult(changed.Count, refused, reason);
    }

    /// <summary>Takes the selected cases out of the draft; returns how many.</summary>
    public async Task<int> DeleteAsync(Guid dataset, CaseQuery query, CaseSelection selection, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var @case in ReadAsync(dataset, query, selection, cancellationToken))
            ids.Add(@case.Id);
        return await store.RemoveAsync(dataset, ids, cancellationToken);
    }

    private async IAsyncEnumerable<Case> ReadAsync(
        Guid dataset, CaseQuery query, CaseSelection selection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var skip = 0; ; skip += AtOnce)
        {
            var page = await store.QueryAsync(dataset, query with { Skip = skip, Take = AtOnce }, cancellationToken);
            foreach (var @case in page.Cases.Where(@case => selection.Contains(@case.Id)))
                yield return @case;
            if (skip + AtOnce >= page.Total)
                yield break;
        }
    }
}

/// <summary>What a change of many cases did.</summary>
internal sealed record BulkResult(int Changed, int Refused, string? Reason);
