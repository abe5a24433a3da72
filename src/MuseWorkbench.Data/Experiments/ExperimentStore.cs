using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Experiments;

/// <summary>Experiments in the database; what concerns leases is in <see cref="CellLeases"/>.</summary>
internal sealed class ExperimentStore(RunDatabase database, TimeProvider time) : IExperimentStore
{
    private const int AtOnce = 1000, Recent = 32;

    private readonly CellLeases _leases = new(database, time);

    public async Task CreateAsync(Experiment experiment, IReadOnlyList<ExperimentCase> cases, Func<int, int, uint> seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(seed);
        await using var context = database.CreateContext();
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.Experiments.Add(ExperimentRows.Write(experiment));
        context.ExperimentCases.AddRange(cases.Select(c => ExperimentRows.Write(experiment.Id, c)));
        await context.SaveChangesAsync(cancellationToken);
        var cells = from repeat in Enumerable.Range(0, experiment.Repeats)
                    from c in cases
                    from team in Enumerable.Range(0, experiment.Teams.Length)
                    select new StoredCell
                    {
                        ExperimentId = experiment.Id, Team = team, Case = c.Key.Index, Repeat = repeat,
                        Seed = seed(c.Key.Index, repeat), State = CellState.Pending,
                    };
        foreach (var some in cells.Chunk(AtOnce))
        {
            context.ChangeTracker.Clear();
            context.Cells.AddRange(some);
            await context.SaveChangesAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return [];
        await using var context = database.CreateContext();
        var rows = await context.Experiments.AsNoTracking().OrderByDescending(e => e.CreatedAt).ThenBy(e => e.Id).ToListAsync(cancellationToken);
        return [.. rows.Select(ExperimentRows.Read)];
    }

    public async Task<Experiment?> FindAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        return await context.Experiments.AsNoTracking().SingleOrDefaultAsync(e => e.Id == experiment, cancellationToken) is { } row ? ExperimentRows.Read(row) : null;
    }

    public async Task<bool> DeleteAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return false;
        await using var context = database.CreateContext();
        return await context.Experiments.Where(e => e.Id == experiment).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    public async Task<bool> MoveAsync(Guid experiment, IReadOnlyCollection<ExperimentState> from, ExperimentState to, string? reason = null, CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateContext();
        return await context.Experiments.Where(e => e.Id == experiment && from.Contains(e.State))
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.State, to).SetProperty(e => e.Reason, reason), cancellationToken) > 0;
    }

    public async Task<ExperimentCounts?> CountAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        var cells = context.Cells.Where(c => c.ExperimentId == experiment);
        var states = await cells.GroupBy(c => new { c.State, c.Passed }).Select(g => new { g.Key.State, g.Key.Passed, Count = g.Count() }).ToListAsync(cancellationToken);
        if (states.Count == 0)
            return null;
        var recent = await cells.Where(c => c.FinishedAt != null && c.WallClockMs > 0).OrderByDescending(c => c.FinishedAt).Take(Recent).Select(c => c.WallClockMs).ToListAsync(cancellationToken);
        return new ExperimentCounts(
            Of(CellState.Pending), Of(CellState.Running), Of(CellState.Done), Of(CellState.Error),
            states.Where(s => s is { State: CellState.Done, Passed: true }).Sum(s => s.Count), recent.DefaultIfEmpty(0).Average());

        int Of(CellState state) => states.Where(s => s.State == state).Sum(s => s.Count);
    }

    public async Task<MatrixPage> QueryAsync(Guid experiment, MatrixQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (!database.IsOpen)
            return new MatrixPage([], 0);
        await using var context = database.CreateContext();
        return await ExperimentMatrix.QueryAsync(context, experiment, query, cancellationToken);
    }

    public async Task<IReadOnlyList<CaseKey>> ReadCasesAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return [];
        await using var context = database.CreateContext();
        return await context.ExperimentCases.Where(c => c.ExperimentId == experiment).OrderBy(c => c.Index)
            .Select(c => new CaseKey(c.Index, c.CaseId, c.Hash, c.Cluster)).ToListAsync(cancellationToken);
    }

    public async Task<Case?> GetCaseAsync(Guid experiment, int index, CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        return await context.ExperimentCases.AsNoTracking().SingleOrDefaultAsync(c => c.ExperimentId == experiment && c.Index == index, cancellationToken) is { } row
            ? ExperimentRows.Read(row).Case
            : null;
    }

    public async IAsyncEnumerable<ExperimentCell> ReadCellsAsync(Guid experiment, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!database.IsOpen)
            yield break;
        // Page by page: a reader that dawdles holds no transaction open.
        for (var after = 0L; ;)
        {
            await using var context = database.CreateContext();
            var from = after;
            var page = await context.Cells.AsNoTracking().Where(c => c.ExperimentId == experiment && c.Key > from).OrderBy(c => c.Key).Take(AtOnce).ToListAsync(cancellationToken);
            foreach (var row in page)
                yield return ExperimentRows.Read(row);
            if (page.Count < AtOnce)
                yield break;
            after = page[^1].Key;
        }
    }

    public async Task<int> RescoreAsync(
        Guid experiment, int version, IReadOnlyList<ExperimentCase> cases, IReadOnlyList<(ExperimentCell Cell, CellResult Result)> results, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(results);
        await using var context = database.CreateContext();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var changed = 0;
        foreach (var @case in cases)
        {
            var (index, json) = (@case.Key.Index, ExperimentRows.Write(experiment, @case).Json);
            await context.ExperimentCases.Where(c => c.ExperimentId == experiment && c.Index == index).ExecuteUpdateAsync(set => set.SetProperty(c => c.Json, json), cancellationToken);
        }
        foreach (var some in results.Chunk(AtOnce / 2))
        {
            context.ChangeTracker.Clear();
            long[] keys = [.. some.Select(r => r.Cell.Key)];
            var rows = await context.Cells.Where(c => c.ExperimentId == experiment && keys.Contains(c.Key)).ToDictionaryAsync(c => c.Key, cancellationToken);
            foreach (var (cell, result) in some)
            {
                if (rows.GetValueOrDefault(cell.Key) is not { State: CellState.Done or CellState.Error } row || row.RunId != cell.RunId)
                    continue;
                ExperimentRows.Apply(row, result);
                changed++;
            }
            await context.SaveChangesAsync(cancellationToken);
        }
        await context.Experiments.Where(e => e.Id == experiment).ExecuteUpdateAsync(set => set.SetProperty(e => e.ScoredVersion, version), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    public Task RecoverAsync(string owner, CancellationToken cancellationToken = default) => _leases.RecoverAsync(owner, cancellationToken);

    public Task<CellLease?> ClaimAsync(string owner, DateTimeOffset until, Guid runId, CancellationToken cancellationToken = default) =>
        _leases.ClaimAsync(owner, until, runId, cancellationToken);

    public Task<bool> AssignRunAsync(ExperimentCell cell, string owner, Guid runId, CancellationToken cancellationToken = default) =>
        _leases.AssignRunAsync(cell, owner, runId, cancellationToken);

    public Task RenewAsync(string owner, IReadOnlyCollection<long> cells, DateTimeOffset until, CancellationToken cancellationToken = default) =>
        _leases.MoveAsync(owner, cells, until, cancellationToken);

    public Task ReleaseAsync(string owner, IReadOnlyCollection<long> cells, CancellationToken cancellationToken = default) =>
        _leases.MoveAsync(owner, cells, DateTimeOffset.MinValue, cancellationToken);

    public Task<bool> CompleteAsync(ExperimentCell cell, string owner, CellResult result, CancellationToken cancellationToken = default) =>
        _leases.CompleteAsync(cell, owner, result, cancellationToken);

    public Task<IReadOnlyList<Guid>> FinishAsync(CancellationToken cancellationToken = default) => _leases.FinishAsync(cancellationToken);

    public Task<int> ReopenAsync(Guid experiment, CellState from, CancellationToken cancellationToken = default) => _leases.ReopenAsync(experiment, from, cancellationToken);
}
