using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Cases;

/// <summary>Datasets in the database. Where that can't be used, there are none, and writing throws why.</summary>
internal sealed class CaseStore(RunDatabase database, TimeProvider time) : ICaseStore
{
    private const int ReadAtOnce = 200;

    public async Task<IReadOnlyList<Dataset>> ListAsync(CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return [];
        await using var context = database.CreateContext();
        var rows = await context.Datasets.AsNoTracking().Include(d => d.Versions).ToListAsync(cancellationToken);
        var drafts = await context.Cases.Where(c => c.Last == null).GroupBy(c => c.DatasetId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        var datasets = new List<Dataset>(rows.Count);
        foreach (var row in rows.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).ThenBy(d => d.CreatedAt))
            datasets.Add(ToDataset(row, drafts.GetValueOrDefault(row.Id), await IsChangedAsync(context, row.Id, CaseDraft.NumberOf(row), cancellationToken)));
        return datasets;
    }

    public async Task<Dataset?> FindAsync(Guid dataset, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        return await context.Datasets.AsNoTracking().Include(d => d.Versions).SingleOrDefaultAsync(d => d.Id == dataset, cancellationToken) is { } row
            ? ToDataset(row, await context.CasesIn(dataset, null).CountAsync(cancellationToken), await IsChangedAsync(context, dataset, CaseDraft.NumberOf(row), cancellationToken))
            : null;
    }

    public async Task<(Dataset Dataset, SaveSummary Summary)> CreateAsync(string name, CaseBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var row = new StoredDataset { Id = Guid.CreateVersion7(time.GetUtcNow()), Name = Checked(name), CreatedAt = time.GetUtcNow() };
        await using var context = database.CreateContext();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.Datasets.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        var summary = await new CaseDraft(context, row).SaveAsync(batch, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (ToDataset(row, summary.Added, summary.Added > 0), summary);
    }

    public async Task<bool> RenameAsync(Guid dataset, string name, CancellationToken cancellationToken = default)
    {
        var checkedName = Checked(name);
        await using var context = database.CreateContext();
        return await context.Datasets.Where(d => d.Id == dataset).ExecuteUpdateAsync(set => set.SetProperty(d => d.Name, checkedName), cancellationToken) > 0;
    }

    public async Task<bool> DeleteAsync(Guid dataset, CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateContext();
        return await context.Datasets.Where(d => d.Id == dataset).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    public async Task<CasePage> QueryAsync(Guid dataset, CaseQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!database.IsOpen)
            return new CasePage([], 0);
        await using var context = database.CreateContext();
        var matching = context.CasesIn(dataset, query.Version).Matching(query);
        var total = await matching.CountAsync(cancellationToken);
        var page = await matching.OrderBy(c => c.Position).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, 500)).Select(c => c.Json).ToListAsync(cancellationToken);
        return new CasePage([.. page.Select(CaseRows.Read)], total);
    }

    public async Task<Case?> GetAsync(Guid dataset, string caseId, int? version = null, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        var json = await context.CasesIn(dataset, version).Where(c => c.CaseId == caseId).Select(c => c.Json).SingleOrDefaultAsync(cancellationToken);
        return json is null ? null : CaseRows.Read(json);
    }

    public async IAsyncEnumerable<Case> ReadAsync(Guid dataset, int? version = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            yield break;
        // Page by page: a reader that dawdles holds no transaction open.
        for (var after = -1L; ;)
        {
            await using var context = database.CreateContext();
            var from = after;
            var page = await context.CasesIn(dataset, version).Where(c => c.Position > from).OrderBy(c => c.Position).Take(ReadAtOnce).Select(c => new { c.Position, c.Json }).ToListAsync(cancellationToken);
            foreach (var row in page)
                yield return CaseRows.Read(row.Json);
            if (page.Count < ReadAtOnce)
                yield break;
            after = page[^1].Position;
        }
    }

    public async Task<CaseFacets> GetFacetsAsync(Guid dataset, int? version = null, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return new CaseFacets([], []);
        await using var context = database.CreateContext();
        var cases = context.CasesIn(dataset, version);
        var tags = await cases.Select(c => c.Tags).Distinct().ToListAsync(cancellationToken);
        var splits = await cases.Where(c => c.Split != null).Select(c => c.Split!).Distinct().ToListAsync(cancellationToken);
        return new CaseFacets([.. tags.SelectMany(CaseRows.Split).Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase)], [.. splits.Order(StringComparer.OrdinalIgnoreCase)]);
    }

    public Task<SaveSummary?> SaveAsync(Guid dataset, CaseBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return ChangeAsync<SaveSummary?>(dataset, null, async draft => await draft.SaveAsync(batch, cancellationToken), cancellationToken);
    }

    public Task<int> RemoveAsync(Guid dataset, IReadOnlyCollection<string> caseIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(caseIds);
        return ChangeAsync(dataset, 0, draft => draft.RemoveAsync(caseIds, cancellationToken), cancellationToken);
    }

    public Task<DatasetVersion?> PublishAsync(Guid dataset, string note, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        var kept = note.Trim() is var trimmed && trimmed.Length > CaseLimits.NotesLength ? trimmed[..CaseLimits.NotesLength] : trimmed;
        return ChangeAsync(dataset, null, draft => draft.PublishAsync(kept, time.GetUtcNow(), cancellationToken), cancellationToken);
    }

    public Task<bool> DiscardDraftAsync(Guid dataset, CancellationToken cancellationToken = default) =>
        ChangeAsync(dataset, false, draft => draft.DiscardAsync(cancellationToken), cancellationToken);

    public async Task<DatasetDiff> DiffAsync(Guid dataset, int? from, int? to, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return new DatasetDiff([], [], []);
        await using var context = database.CreateContext();
        var before = await HashesAsync(from);
        var after = await HashesAsync(to);
        var changed = new List<(string Id, long Before, long After)>();
        foreach (var (id, now) in after)
        {
            if (before.TryGetValue(id, out var was) && was.Hash != now.Hash)
                changed.Add((id, was.Key, now.Key));
        }
        var changes = new List<CaseChange>(changed.Count);
        foreach (var some in changed.OrderBy(c => c.Id, StringComparer.Ordinal).Chunk(ReadAtOnce))
        {
            long[] keys = [.. some.Select(c => c.Before), .. some.Select(c => c.After)];
            var json = await context.Cases.Where(c => keys.Contains(c.Key)).ToDictionaryAsync(c => c.Key, c => c.Json, cancellationToken);
            changes.AddRange(some.Select(c => new CaseChange(c.Id, CaseContent.ChangedFields(CaseRows.Read(json[c.Before]), CaseRows.Read(json[c.After])))));
        }
        return new DatasetDiff(Missing(after, before), Missing(before, after), [.. changes]);

        async Task<Dictionary<string, (long Key, string Hash)>> HashesAsync(int? version) =>
            await context.CasesIn(dataset, version).Select(c => new { c.CaseId, c.Key, c.Hash }).ToDictionaryAsync(c => c.CaseId, c => (c.Key, c.Hash), StringComparer.Ordinal, cancellationToken);

        static ImmutableArray<string> Missing(Dictionary<string, (long, string)> of, Dictionary<string, (long, string)> from) =>
            [.. of.Keys.Where(id => !from.ContainsKey(id)).Order(StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<CaseImage>> GetImagesAsync(Guid dataset, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return [];
        await using var context = database.CreateContext();
        var rows = await context.CasesIn(dataset, null).Where(c => c.Images != "").OrderBy(c => c.Position).Select(c => new { c.CaseId, c.Images }).ToListAsync(cancellationToken);
        var prints = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var some in rows.SelectMany(row => CaseRows.Split(row.Images)).Distinct(StringComparer.Ordinal).Chunk(ReadAtOnce))
        {
            foreach (var print in await context.Prints.AsNoTracking().Where(p => some.Contains(p.Sha256)).ToListAsync(cancellationToken))
                prints[print.Sha256] = unchecked((ulong)print.Print);
        }
        return [.. rows.SelectMany(row => CaseRows.Split(row.Images).Select(sha256 => new CaseImage(row.CaseId, sha256, prints.TryGetValue(sha256, out var print) ? print : null)))];
    }

    /// <summary>Works on a draft in a transaction that no other writer comes between.</summary>
    private async Task<T> ChangeAsync<T>(Guid dataset, T missing, Func<CaseDraft, Task<T>> change, CancellationToken cancellationToken)
    {
        await using var context = database.CreateContext();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Datasets.Include(d => d.Versions).SingleOrDefaultAsync(d => d.Id == dataset, cancellationToken) is not { } row)
            return missing;
        var result = await change(new CaseDraft(context, row));
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private static Task<bool> IsChangedAsync(RunDbContext context, Guid dataset, int draft, CancellationToken cancellationToken) =>
        context.Cases.AnyAsync(c => c.DatasetId == dataset && (c.First == draft || c.Last == draft - 1), cancellationToken);

    private static Dataset ToDataset(StoredDataset row, int draftCases, bool draftChanged) => new(
        row.Id, row.Name, row.CreatedAt,
        [.. row.Versions.OrderBy(v => v.Number).Select(v => new DatasetVersion(v.Number, v.CreatedAt, v.Note, v.Cases))], draftCases, draftChanged);

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var trimmed = name.Trim();
        return trimmed.Length <= CaseLimits.DatasetNameLength ? trimmed : trimmed[..CaseLimits.DatasetNameLength];
    }
}
