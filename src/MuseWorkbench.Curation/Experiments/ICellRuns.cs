using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>Runs, as experiments use them. The host brings it. Thread-safe.</summary>
public interface ICellRuns
{
    /// <summary>What scorers may need.</summary>
    ScoringServices Scoring { get; }

    /// <summary>What is wrong with a team, in words; null where it can be run.</summary>
    string? Fault(TeamSpec team);

    /// <summary>Starts a run under an id chosen before.</summary>
    /// <exception cref="CellRefusedException">It can't be run as asked; nothing was started.</exception>
    Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken);

    /// <summary>A run's events up to its end, which is waited for where the run is at work here; those there are where it is not; none where there is no such run.</summary>
    Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Ends a run at work.</summary>
    void Stop(Guid runId);

    /// <summary>Takes a run that counts no more out of every list; one that is not there is no fault.</summary>
    Task DiscardAsync(Guid runId, CancellationToken cancellationToken);
}

/// <summary>An attempt can't be made; the message is for the user.</summary>
public sealed class CellRefusedException(string message, Exception? inner = null) : Exception(message, inner);
