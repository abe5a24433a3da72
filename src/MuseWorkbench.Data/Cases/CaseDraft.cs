using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Cases;

/// <summary>
/// A dataset's draft inside a transaction. A case that a version holds gets a <see cref="StoredCase.Last"/> when the draft
/// goes on without it; one that only the draft holds is replaced.
/// </summary>
internal sealed class CaseDraft(RunDbContext context, StoredDataset dataset)
{
    private const int AtOnce = 500;

    private readonly int _number = NumberOf(dataset);

    public static int NumberOf(StoredDataset dataset) => dataset.Versions.Select(v => v.Number).DefaultIfEmpty(0).Max() + 1;

    public async Task<SaveSummary> SaveAsync(CaseBatch batch, CancellationToken cancellationToken)
    {
        var there = await ReadAsync(cancellationToken);
        var next = 1 + await context.Cases.Where(c => c.DatasetId == dataset.Id).MaxAsync(c => (long?)c.Position, cancellationToken) ?? 0;
        var rows = new List<StoredCase>();
        var replaced = new List<Held>();
        var unchanged = 0;
        foreach (var @case in batch.Cases)
        {
            var hash = CaseContent.Hash(@case);
            if (!there.TryGetValue(@case.Id, out var known))
            {
                rows.Add(CaseRows.Write(dataset.Id, @case, hash, _number, next++));
            }
            else if (known.Hash == hash)
            {
                unchanged++;
            }
            else
            {
                replaced.Add(known);
                rows.Add(CaseRows.Write(dataset.Id, @case, hash, _number, known.Position));
            }
        }
        var added = rows.Count - replaced.Count;
        if (there.Count + added > CaseLimits.CasesPerDataset)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The dataset would hold {there.Count + added:N0} cases; at most {CaseLimits.CasesPerDataset:N0} are allowed."));
        await EndAsync(replaced, cancellationToken);
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        context.Cases.AddRange(rows);
        await AddPrintsAsync(batch.Prints, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        return new SaveSummary(added, replaced.Count, unchanged);
    }

    public async Task<int> RemoveAsync(IReadOnlyCollection<string> caseIds, CancellationToken cancellationToken)
    {
        var there = await ReadAsync(cancellationToken);
        Held[] gone = [.. caseIds.Distinct(StringComparer.Ordinal).Where(there.ContainsKey).Select(id => there[id])];
        await EndAsync(gone, cancellationToken);
        return gone.Length;
    }

    public async Task<DatasetVersion?> PublishAsync(string note, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (!await Changed().AnyAsync(cancellationToken))
            return null;
        var count = await context.CasesIn(dataset.Id, null).CountAsync(cancellationToken);
        context.Versions.Add(new StoredVersion { DatasetId = dataset.Id, Number = _number, CreatedAt = at, Note = note, Cases = count });
        await context.SaveChangesAsync(cancellationToken);
        return new DatasetVersion(_number, at, note, count);
    }

    public async Task<bool> DiscardAsync(CancellationToken cancellationToken)
    {
        var before = _number - 1;
        var removed = await context.Cases.Where(c => c.DatasetId == dataset.Id && c.First == _number).ExecuteDeleteAsync(cancellationToken);
        var restored = await context.Cases.Where(c => c.DatasetId == dataset.Id && c.Last == before).ExecuteUpdateAsync(set => set.SetProperty(c => c.Last, (int?)null), cancellationToken);
        return removed + restored > 0;
    }

    private IQueryable<StoredCase> Changed() => context.Cases.Where(c => c.DatasetId == dataset.Id && (c.First == _number || c.Last == _number - 1));

    private Task<Dictionary<string, Held>> ReadAsync(CancellationToken cancellationToken) =>
        context.CasesIn(dataset.Id, null).Select(c => new Held(c.CaseId, c.Key, c.First, c.Position, c.Hash)).ToDictionaryAsync(c => c.CaseId, StringComparer.Ordinal, cancellationToken);

    private async Task EndAsync(IEnumerable<Held> cases, CancellationToken cancellationToken)
    {
        var last = _number - 1;
        foreach (var some in cases.Chunk(AtOnce))
        {
            long[] drafted = [.. some.Where(c => c.First == _number).Select(c => c.Key)], published = [.. some.Where(c => c.First < _number).Select(c => c.Key)];
            if (drafted.Length > 0)
                await context.Cases.Where(c => drafted.Contains(c.Key)).ExecuteDeleteAsync(cancellationToken);
            if (published.Length > 0)
                await context.Cases.Where(c => published.Contains(c.Key)).ExecuteUpdateAsync(set => set.SetProperty(c => c.Last, last), cancellationToken);
        }
    }

    private async Task AddPrintsAsync(IReadOnlyDictionary<string, ulong>? prints, CancellationToken cancellationToken)
    {
        foreach (var some in (prints ?? new Dictionary<string, ulong>()).Chunk(AtOnce))
        {
            string[] names = [.. some.Select(p => p.Key)];
            var known = await context.Prints.Where(p => names.Contains(p.Sha256)).Select(p => p.Sha256).ToHashSetAsync(cancellationToken);
            context.Prints.AddRange(some.Where(p => !known.Contains(p.Key)).Select(p => new StoredPrint { Sha256 = p.Key, Print = unchecked((long)p.Value) }));
        }
    }

    private sealed record Held(string CaseId, long Key, int First, long Position, string Hash);
}
