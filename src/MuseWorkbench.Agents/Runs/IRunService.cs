using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Runs, owned by the server: they go on whoever watches. Thread-safe.</summary>
public interface IRunService
{
    /// <summary>
    /// Checks a request (its images included), starts the run and returns its id once the store has its beginning; the run
    /// goes on by itself.
    /// </summary>
    /// <exception cref="RunRejectedException">The request can't be run as asked (no prompt, no agents, unknown strategy, unknown image); nothing was started.</exception>
    Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>The same under an id chosen before, so that whoever starts it knows it even where they don't live to be told.</summary>
    /// <exception cref="RunRejectedException">Also where there is such a run already.</exception>
    Task StartAsync(RunRequest request, Guid runId, CancellationToken cancellationToken = default);

    /// <summary>The run's events with <see cref="RunEvent.Seq"/> above <paramref name="afterSeq"/>, then each new one as it happens; ends after <see cref="RunFinished"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such run; thrown at the first event asked for.</exception>
    IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, CancellationToken cancellationToken);

    /// <summary>Whether there is such a run, at work or kept.</summary>
    Task<bool> ExistsAsync(Guid runId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes an interrupted run up again as a new segment of it, after a <see cref="RunResumed"/>: agents that had finished
    /// keep their results, the others go on behind what they had said, or begin again from their recorded seed and prompt.
    /// </summary>
    /// <exception cref="RunRejectedException">It was not interrupted, or can't be run any more; the message is for the user.</exception>
    Task ResumeAsync(Guid runId, CancellationToken cancellationToken = default);

    /// <summary>Lets a run that is over go from memory; it was deleted.</summary>
    void Forget(Guid runId);

    /// <summary>Stops a run; what was said stays. False where it is unknown or over.</summary>
    bool Stop(Guid runId);

    /// <summary>Stops one agent; the others go on. False where it is unknown or over.</summary>
    bool StopAgent(Guid runId, int agent);

    /// <summary>
    /// Ends the thinking of one agent, or of all at work: each answers from what it has. False where none was thinking (over,
    /// answering already, or of a model that marks no thinking).
    /// </summary>
    bool AnswerNow(Guid runId, int? agent = null);

    /// <summary>Asks what one agent of a run was asked once more, with a seed of its own, as a run of one agent; returns its id.</summary>
    /// <exception cref="RunRejectedException">There is no such agent, or it can't be asked any more; the message is for the user.</exception>
    Task<Guid> RerunAgentAsync(Guid runId, int agent, CancellationToken cancellationToken = default);

    /// <summary>Runs held in memory, newest first: those at work and the latest of the others.</summary>
    IReadOnlyList<RunSummary> List();
}

/// <summary>A run at a glance.</summary>
public sealed record RunSummary(Guid RunId, DateTimeOffset StartedAt, string Prompt, string TeamName, int Agents, RunOutcome? Outcome, string? Answer);

/// <summary>A run was refused before it started; the message is for the user.</summary>
public sealed class RunRejectedException(string message) : Exception(message);
