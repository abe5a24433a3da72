using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Runs;

/// <summary>Kept runs, queried in the database page by page.</summary>
internal sealed class RunCatalog(RunDatabase database, TimeProvider time) : IRunCatalog
{
    public async Task<RunPage> FindAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!database.IsOpen)
            return new RunPage([], 0);
        await using var context = database.CreateContext();
        var matching = RunFilter.Apply(Kept(context), query);
        var total = await matching.CountAsync(cancellationToken);
        var rows = await RunFilter.Order(matching, query.Sort).Skip(Math.Max(0, query.Skip)).Take(Math.Clamp(query.Take, 1, 500))
            .Include(r => r.Tags).Include(r => r.Images).AsSplitQuery().ToListAsync(cancellationToken);
        return new RunPage([.. rows.Select(ToRecord)], total);
    }

    public async Task<RunRecord?> GetAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        var row = await Kept(context).Include(r => r.Tags).Include(r => r.Images).AsSplitQuery().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
        return row is null ? null : ToRecord(row);
    }

    public async Task<IReadOnlyDictionary<Guid, int>> GetRatingsAsync(Guid experiment, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return new Dictionary<Guid, int>();
        await using var context = database.CreateContext();
        return await Kept(context).Where(r => r.ExperimentId == experiment && r.Rating != null).ToDictionaryAsync(r => r.Id, r => r.Rating!.Value, cancellationToken);
    }

    public async Task<RunFacets> GetFacetsAsync(CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return new RunFacets([], [], []);
        await using var context = database.CreateContext();
        var teams = await Kept(context).Select(r => r.TeamName).Distinct().ToListAsync(cancellationToken);
        var models = await Kept(context).Select(r => r.Models).Distinct().ToListAsync(cancellationToken);
        var tags = await Kept(context).SelectMany(r => r.Tags).Select(t => t.Tag).Distinct().ToListAsync(cancellationToken);
        return new RunFacets(Sorted(teams), Sorted(models.SelectMany(Split)), Sorted(tags));
    }

    public async Task<ImmutableArray<string>> SetTagsAsync(Guid runId, IEnumerable<string> tags, CancellationToken cancellationToken)
    {
        ImmutableArray<string> kept =
        [
            .. tags.Select(t => t.Trim()).Where(t => t.Length > 0)
                .Select(t => t.Length > RunRecord.MaxTagLength ? t[..RunRecord.MaxTagLength] : t)
                .Distinct(StringComparer.OrdinalIgnoreCase).Take(RunRecord.MaxTags),
        ];
        await ChangeAsync(runId, run =>
        {
            run.Tags.RemoveAll(t => !kept.Contains(t.Tag));
            run.Tags.AddRange(kept.Where(t => run.Tags.All(known => known.Tag != t)).Select(t => new StoredTag { RunId = runId, Tag = t }).ToArray());
        }, cancellationToken);
        return kept;
    }

    public Task RateAsync(Guid runId, int? rating, CancellationToken cancellationToken) =>
        ChangeAsync(runId, run => run.Rating = rating is { } stars ? Math.Clamp(stars, 1, 5) : null, cancellationToken);

    public Task SetNotesAsync(Guid runId, string notes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notes);
        return ChangeAsync(runId, run => run.Notes = notes.Length > RunRecord.MaxNotesLength ? notes[..RunRecord.MaxNotesLength] : notes, cancellationToken);
    }

    public async Task<bool> DeleteAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return false;
        await using var context = database.CreateContext();
        var now = time.GetUtcNow();
        return await Kept(context).Where(r => r.Id == runId && r.Outcome != null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.DeletedAt, now), cancellationToken) > 0;
    }

    public async Task<bool> RestoreAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return false;
        await using var context = database.CreateContext();
        return await context.Runs.Where(r => r.Id == runId && r.DeletedAt != null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.DeletedAt, (DateTimeOffset?)null), cancellationToken) > 0;
    }

    private async Task ChangeAsync(Guid runId, Action<StoredRun> change, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return;
        await using var context = database.CreateContext();
        // The run's own events may change the row meanwhile: what is computed from them is not written from here.
        if (await context.Runs.Include(r => r.Tags).Include(r => r.Images).SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is { } run)
        {
            change(run);
            RunProjection.Index(run);
            await context.SaveChangesAsync(cancellationToken);
        }
    }

    private static IQueryable<StoredRun> Kept(RunDbContext context) => context.Runs.AsNoTracking().Where(r => r.DeletedAt == null);

    private static ImmutableArray<string> Sorted(IEnumerable<string> values) =>
        [.. values.Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase)];

    private static string[] Split(string models) => models.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static RunRecord ToRecord(StoredRun run) => new(
        run.Id, run.StartedAt, run.Prompt, run.TeamName, run.Strategy, run.Agents, [.. Split(run.Models)],
        run.Outcome, run.Answer, run.Agreement, run.WallClockMs, run.TotalTokens, run.CriticalPathTokens,
        run.Rating, run.Notes, [.. run.Tags.Select(t => t.Tag).Order(StringComparer.OrdinalIgnoreCase)],
        [.. run.Images.OrderBy(i => i.Ordinal).Select(i => i.Sha256)])
    {
        ExperimentId = run.ExperimentId,
    };
}
