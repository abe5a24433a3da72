using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>How far an experiment is.</summary>
/// <param name="Remaining">Until its last cell ends, reckoned from the runs that ended last; null where it stands still or nothing is known yet.</param>
public sealed record ExperimentProgress(Experiment Experiment, ExperimentCounts Counts, TimeSpan? Remaining);

/// <summary>What users do with experiments. Each returns false where the experiment is not there or not in a state for it. Thread-safe.</summary>
public sealed class ExperimentService(IExperimentStore store, ExperimentPlanner planner, ExperimentRunner runner)
{
    private static readonly ExperimentState[] s_still = [ExperimentState.Paused, ExperimentState.Cancelled, ExperimentState.Completed];

    /// <summary>An experiment's cells or state changed. Raised on any thread.</summary>
    public event Action<Guid>? Changed
    {
        add => runner.Changed += value;
        remove => runner.Changed -= value;
    }

    /// <summary>Makes an experiment; it begins at once where it isn't to wait.</summary>
    /// <exception cref="ExperimentRefusedException">It can't be made so.</exception>
    public async Task<Experiment> CreateAsync(ExperimentDraft draft, CancellationToken cancellationToken = default)
    {
        var experiment = await planner.CreateAsync(draft, cancellationToken);
        Told(experiment.Id);
        return experiment;
    }

    /// <summary>How far it is; null where there is none.</summary>
    public async Task<ExperimentProgress?> GetProgressAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (await store.FindAsync(experiment, cancellationToken) is not { } found || await store.CountAsync(experiment, cancellationToken) is not { } counts)
            return null;
        var open = counts.Pending + counts.Running;
        TimeSpan? remaining = found.State == ExperimentState.Running && open > 0 && counts.RecentWallClockMs > 0
            ? TimeSpan.FromMilliseconds(Math.Ceiling((double)open / runner.Parallel) * counts.RecentWallClockMs)
            : null;
        return new ExperimentProgress(found, counts, remaining);
    }

    /// <summary>No further run begins; those under way end and count.</summary>
    public async Task<bool> PauseAsync(Guid experiment, CancellationToken cancellationToken = default) =>
        Told(experiment, await store.MoveAsync(experiment, [ExperimentState.Running], ExperimentState.Paused, null, cancellationToken));

    /// <summary>Goes on with what is pending.</summary>
    public async Task<bool> ResumeAsync(Guid experiment, CancellationToken cancellationToken = default) =>
        Told(experiment, await store.MoveAsync(experiment, [ExperimentState.Paused, ExperimentState.Cancelled], ExperimentState.Running, null, cancellationToken));

    /// <summary>Stops; runs under way are stopped and their cells pending again.</summary>
    public async Task<bool> CancelAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (!await store.MoveAsync(experiment, [ExperimentState.Running, ExperimentState.Paused], ExperimentState.Cancelled, null, cancellationToken))
            return false;
        // Before the runs end: what a stopped run says is no result.
        await store.ReopenAsync(experiment, CellState.Running, cancellationToken);
        runner.StopRuns(experiment);
        return Told(experiment);
    }

    /// <summary>Cells that ended in errors are tried again. One that stands still by wish goes on only when resumed.</summary>
    public async Task<bool> RetryErrorsAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        if (await store.ReopenAsync(experiment, CellState.Error, cancellationToken) == 0)
            return false;
        await store.MoveAsync(experiment, [ExperimentState.Completed], ExperimentState.Running, null, cancellationToken);
        return Told(experiment);
    }

    /// <summary>Runs every cell without a result: pending ones and errors.</summary>
    public async Task<bool> RunMissingAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        var reopened = await store.ReopenAsync(experiment, CellState.Error, cancellationToken);
        if (await store.CountAsync(experiment, cancellationToken) is not { } counts || (reopened == 0 && counts.Pending + counts.Running == 0))
            return false;
        await store.MoveAsync(experiment, s_still, ExperimentState.Running, null, cancellationToken);
        return Told(experiment);
    }

    /// <summary>Forgets it; its runs stay.</summary>
    public async Task<bool> DeleteAsync(Guid experiment, CancellationToken cancellationToken = default)
    {
        await CancelAsync(experiment, cancellationToken);
        return Told(experiment, await store.DeleteAsync(experiment, cancellationToken));
    }

    private bool Told(Guid experiment, bool changed = true)
    {
        if (changed)
        {
            runner.Tell(experiment);
            runner.Wake();
        }
        return changed;
    }
}
