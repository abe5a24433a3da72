using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Experiments;

/// <summary>
/// Cells as work that is given out. Every change is one transaction and holds only where the cell is still what the caller
/// believes it to be, so that two who believe they have it leave one result.
/// </summary>
internal sealed class CellLeases(RunDatabase database, TimeProvider time)
{
    // Where one workbench has the database at a time, whoever else held a lease is gone. Else leases run out by themselves.
    public async Task RecoverAsync(string owner, CancellationToken cancellationToken)
    {
        if (!database.IsOpen || database.Worker is not null)
            return;
        await using var context = database.CreateContext();
        await context.Cells.Where(c => c.State == CellState.Running && c.Owner != owner)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.LeaseUntil, DateTimeOffset.MinValue), cancellationToken);
    }

    public async Task<CellLease?> ClaimAsync(string owner, DateTimeOffset until, Guid runId, CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return null;
        await using var context = database.CreateContext();
        var running = await context.Experiments.Where(e => e.State == ExperimentState.Running).OrderBy(e => e.CreatedAt).Select(e => e.Id).ToListAsync(cancellationToken);
        if (running.Count == 0)
            return null;
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (var experiment in running)
        {
            if (await context.NextCellAsync(experiment, time.GetUtcNow(), cancellationToken) is not { } row)
                continue;
            var takenOver = row.State == CellState.Running;
            var superseded = takenOver ? null : row.RunId;
            (row.State, row.Owner, row.LeaseUntil, row.StartedAt) = (CellState.Running, owner, until, time.GetUtcNow());
            if (!takenOver)
                row.RunId = runId;
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new CellLease(ExperimentRows.Read(row), takenOver, superseded);
        }
        return null;
    }

    public async Task<bool> AssignRunAsync(ExperimentCell cell, string owner, Guid runId, CancellationToken cancellationToken)
    {
        await using var context = database.CreateContext();
        return await Held(context, cell, owner).ExecuteUpdateAsync(set => set.SetProperty(c => c.RunId, runId), cancellationToken) > 0;
    }

    public async Task MoveAsync(string owner, IReadOnlyCollection<long> cells, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (cells.Count == 0 || !database.IsOpen)
            return;
        await using var context = database.CreateContext();
        await context.Cells.Where(c => cells.Contains(c.Key) && c.State == CellState.Running && c.Owner == owner)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.LeaseUntil, until), cancellationToken);
    }

    public async Task<bool> CompleteAsync(ExperimentCell cell, string owner, CellResult result, CancellationToken cancellationToken)
    {
        await using var context = database.CreateContext();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockCellAsync(cell.Key, cancellationToken);
        if (await Held(context, cell, owner).SingleOrDefaultAsync(cancellationToken) is not { } row)
            return false;
        ExperimentRows.Apply(row, result);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    public async Task<IReadOnlyList<Guid>> FinishAsync(CancellationToken cancellationToken)
    {
        if (!database.IsOpen)
            return [];
        await using var context = database.CreateContext();
        var done = await Finished(context).Select(e => e.Id).ToListAsync(cancellationToken);
        if (done.Count > 0)
        {
            await Finished(context).Where(e => done.Contains(e.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(e => e.State, ExperimentState.Completed).SetProperty(e => e.Reason, (string?)null), cancellationToken);
        }
        return done;
    }

    // The run stays named: whoever claims the cell again gives it another, and lets the old one go.
    public async Task<int> ReopenAsync(Guid experiment, CellState from, CancellationToken cancellationToken)
    {
        await using var context = database.CreateContext();
        return await context.Cells.Where(c => c.ExperimentId == experiment && c.State == from).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, CellState.Pending).SetProperty(c => c.Owner, (string?)null).SetProperty(c => c.LeaseUntil, (DateTimeOffset?)null)
                .SetProperty(c => c.FinishedAt, (DateTimeOffset?)null).SetProperty(c => c.Error, (string?)null).SetProperty(c => c.Answer, (string?)null)
                .SetProperty(c => c.Assertions, (string?)null).SetProperty(c => c.WallClockMs, 0).SetProperty(c => c.Tokens, 0).SetProperty(c => c.CriticalPathTokens, 0),
            cancellationToken);
    }

    private static IQueryable<StoredExperiment> Finished(RunDbContext context) => context.Experiments.Where(e =>
        e.State == ExperimentState.Running
        && !context.Cells.Any(c => c.ExperimentId == e.Id && (c.State == CellState.Pending || c.State == CellState.Running)));

    private static IQueryable<StoredCell> Held(RunDbContext context, ExperimentCell cell, string owner) =>
        context.Cells.Where(c => c.Key == cell.Key && c.State == CellState.Running && c.Owner == owner && c.RunId == cell.RunId);
}
