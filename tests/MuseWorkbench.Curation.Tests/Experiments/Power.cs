using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Experiments;

/// <summary>A process that is killed after so many steps: from then on none of its calls does or returns anything.</summary>
internal sealed class Power(int cutAfter)
{
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;
    private int _underWay;

    /// <summary>Ends when it is killed, and what was being written then is written: nothing of it comes later.</summary>
    public Task Cut => _cut.Task;

    /// <summary>A call, killed before it does anything, or between what it did and its return.</summary>
    public async Task<T> Do<T>(Func<Task<T>> call)
    {
        Interlocked.Increment(ref _underWay);
        await StepAsync();
        T result;
        try
        {
            result = await call();
        }
        catch
        {
            Leave();
            throw;
        }
        await StepAsync();
        Leave();
        return result;
    }

    public Task Do(Func<Task> call) => Do(async () =>
    {
        await call();
        return true;
    });

    private Task StepAsync()
    {
        if (Interlocked.Increment(ref _steps) < cutAfter)
            return Task.CompletedTask;
        Leave();
        return new TaskCompletionSource().Task;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _underWay) == 0 && Volatile.Read(ref _steps) >= cutAfter)
            _cut.TrySetResult();
    }
}

/// <summary>Runs led by a process that may be killed.</summary>
internal sealed class PoweredCells(ScriptedCells runs, Power power) : ICellRuns
{
    public ScoringServices Scoring => runs.Scoring;

    public string? Fault(TeamSpec team) => runs.Fault(team);

    public Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken) => power.Do(() => runs.StartAsync(runId, request, cancellationToken));

    public Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken) => power.Do(() => runs.ReadAsync(runId, cancellationToken));

    public void Stop(Guid runId) => runs.Stop(runId);

    public Task DiscardAsync(Guid runId, CancellationToken cancellationToken) => power.Do(() => runs.DiscardAsync(runId, cancellationToken));
}

/// <summary>A store used by a process that may be killed; only what running takes.</summary>
internal sealed class PoweredStore(IExperimentStore store, Power power) : IExperimentStore
{
    public Task<Experiment?> FindAsync(Guid experiment, CancellationToken cancellationToken = default) => power.Do(() => store.FindAsync(experiment, cancellationToken));

    public Task<Case?> GetCaseAsync(Guid experiment, int index, CancellationToken cancellationToken = default) => power.Do(() => store.GetCaseAsync(experiment, index, cancellationToken));

    public Task<bool> MoveAsync(Guid experiment, IReadOnlyCollection<ExperimentState> from, ExperimentState to, string? reason = null, CancellationToken cancellationToken = default) =>
        power.Do(() => store.MoveAsync(experiment, from, to, reason, cancellationToken));

    public Task RecoverAsync(string owner, CancellationToken cancellationToken = default) => power.Do(() => store.RecoverAsync(owner, cancellationToken));

    public Task<CellLease?> ClaimAsync(string owner, DateTimeOffset until, Guid runId, CancellationToken cancellationToken = default) =>
        power.Do(() => store.ClaimAsync(owner, until, runId, cancellationToken));

    public Task<bool> AssignRunAsync(ExperimentCell cell, string owner, Guid runId, CancellationToken cancellationToken = default) =>
        power.Do(() => store.AssignRunAsync(cell, owner, runId, cancellationToken));

    public Task RenewAsync(string owner, IReadOnlyCollection<long> cells, DateTimeOffset until, CancellationToken cancellationToken = default) =>
        power.Do(() => store.RenewAsync(owner, cells, until, cancellationToken));

    public Task ReleaseAsync(string owner, IReadOnlyCollection<long> cells, CancellationToken cancellationToken = default) =>
        power.Do(() => store.ReleaseAsync(owner, cells, cancellationToken));

    public Task<bool> CompleteAsync(ExperimentCell cell, string owner, CellResult result, CancellationToken cancellationToken = default) =>
        power.Do(() => store.CompleteAsync(cell, owner, result, cancellationToken));

    public Task<IReadOnlyList<Guid>> FinishAsync(CancellationToken cancellationToken = default) => power.Do(() => store.FinishAsync(cancellationToken));

    public Task CreateAsync(Experiment experiment, IReadOnlyList<ExperimentCase> cases, Func<int, int, uint> seed, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<bool> DeleteAsync(Guid experiment, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<ExperimentCounts?> CountAsync(Guid experiment, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<MatrixPage> QueryAsync(Guid experiment, MatrixQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<IReadOnlyList<CaseKey>> ReadCasesAsync(Guid experiment, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public IAsyncEnumerable<ExperimentCell> ReadCellsAsync(Guid experiment, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<int> ReopenAsync(Guid experiment, CellState from, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<int> RescoreAsync(Guid experiment, int version, IReadOnlyList<ExperimentCase> cases, IReadOnlyList<(ExperimentCell Cell, CellResult Result)> results, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
