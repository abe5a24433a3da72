using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Runs, owned by the server: they go on whoever watches. Thread-safe.</summary>
public interface IRunService
{
    /// <summary>Checks a request (its images included), starts the run and returns its id; the run goes on by itself.</summary>
    /// <exception cref="RunRejectedException">The request can't be run as asked (no prompt, no agents, unknown strategy, unknown image); nothing was started.</exception>
    Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>The run's events with <see cref="RunEvent.Seq"/> above <paramref name="afterSeq"/>, then each new one as it happens; ends after <see cref="RunFinished"/>.</summary>
    /// <exception cref="KeyNotFoundException">No such run is held; thrown at the call.</exception>
    IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, CancellationToken cancellationToken);

    /// <summary>Stops a run; what was said stays. False where it is unknown or over.</summary>
    bool Stop(Guid runId);

    /// <summary>Stops one agent; the others go on. False where it is unknown or over.</summary>
    bool StopAgent(Guid runId, int agent);

    /// <summary>Runs held, newest first.</summary>
    IReadOnlyList<RunSummary> List();
}

/// <summary>A run at a glance.</summary>
public sealed record RunSummary(Guid RunId, DateTimeOffset StartedAt, string Prompt, string TeamName, int Agents, RunOutcome? Outcome, string? Answer);

/// <summary>A run was refused before it started; the message is for the user.</summary>
public sealed class RunRejectedException(string message) : Exception(message);
