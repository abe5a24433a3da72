using System.Collections.Concurrent;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Experiments;

/// <summary>Runs that answer as the test says, kept as a disk keeps them: they outlive whoever started them.</summary>
internal sealed class ScriptedCells : ICellRuns
{
    private readonly ConcurrentDictionary<Guid, ScriptedRun> _runs = new();
    private int _started;

    /// <summary>What a request is answered; null ends the run as failed.</summary>
    public Func<RunRequest, string?> Answer { get; set; } = request => request.Prompt;

    /// <summary>What each agent of a request answers, 5 tokens each; none where runs are to have no agents of their own.</summary>
    public Func<RunRequest, string[]> Agents { get; set; } = _ => [];

    /// <summary>Whether a run is over when its start returns, or stays at work until it is read.</summary>
    public bool EndsAtOnce { get; set; } = true;

    /// <summary>While set, runs stay at work.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public int Started => Volatile.Read(ref _started);

    /// <summary>Raised after a run was started.</summary>
    public event Action? RunStarted;

    /// <summary>Runs that were not discarded.</summary>
    public IReadOnlyList<ScriptedRun> Kept => [.. _runs.Values.Where(run => !run.IsDiscarded)];

    public ConcurrentBag<Guid> Stopped { get; } = [];

    public ScoringServices Scoring { get; } = new();

    public string? Fault(TeamSpec team) => team.Agents.IsDefaultOrEmpty ? "The team has no agents." : null;

    /// <summary>The process that led the runs is gone: those at work were cut off, as the next start finds.</summary>
    public void Crash()
    {
        foreach (var run in _runs.Values)
            run.End(RunOutcome.Interrupted, "");
    }

    /// <summary>Ends a run at work.</summary>
    public void End(Guid runId, RunOutcome outcome, string answer = "") => _runs[runId].End(outcome, answer);

    public Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken)
    {
        if (request.Prompt == "refused")
            throw new CellRefusedException("The image is not here any more.");
        Interlocked.Increment(ref _started);
        var run = new ScriptedRun(runId, request);
        Assert.True(_runs.TryAdd(runId, run), "A run was started twice.");
        if (EndsAtOnce && Hold is null)
            Finish(run);
        RunStarted?.Invoke();
        return Task.CompletedTask;
    }

    public async Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (!_runs.TryGetValue(runId, out var run) || run.IsDiscarded)
            return [];
        if (Hold is { } hold)
            await Task.WhenAny(hold.Task, run.Over).WaitAsync(cancellationToken);
        Finish(run);
        return run.Events;
    }

    public void Stop(Guid runId)
    {
        Stopped.Add(runId);
        if (_runs.TryGetValue(runId, out var run))
            run.End(RunOutcome.Stopped, "");
    }

    public Task DiscardAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (_runs.TryGetValue(runId, out var run))
            run.IsDiscarded = true;
        return Task.CompletedTask;
    }

    private void Finish(ScriptedRun run)
    {
        if (run.Over.IsCompleted)
            return;
        var answer = Answer(run.Request);
        run.End(answer is null ? RunOutcome.Failed : RunOutcome.Completed, answer ?? "", Agents(run.Request));
    }
}

/// <summary>One scripted run.</summary>
internal sealed class ScriptedRun(Guid id, RunRequest request)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<RunEvent> _events = [new RunStarted { Request = request, RunId = id, Seq = 1 }];

    public Guid Id => id;
    public RunRequest Request => request;
    public Task Over => _over.Task;
    public bool IsDiscarded { get; set; }

    public IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (_lock)
                return _events;
        }
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public void End(RunOutcome outcome, string answer, params string[] agents)
    {
        lock (_lock)
        {
            if (_over.Task.IsCompleted)
                return;
            _events =
            [
                .. _events,
                .. agents.SelectMany((said, i) => new RunEvent[]
                {
                    new AgentStarted { Agent = i, Name = $"Agent {i + 1}", Model = "m", Seed = 1 },
                    new AgentFinished
                    {
                        Agent = i, Seq = i + 2, Outcome = AgentOutcome.Answered, Answer = said, NormalisedAnswer = said,
                        Usage = new TokenUsage(10, 0, 5), Timings = new AgentTimings(0, 0, 0, 0, 100),
                    },
                }),
                new FinalAnswer { Outcome = answer.Length > 0 ? FinalOutcome.Single : FinalOutcome.NoAnswer, Answer = answer, Options = [], Agreement = 1 },
                new RunFinished { Outcome = outcome, WallClockMs = 1000, TotalTokens = 30, CriticalPathTokens = 12, Error = outcome == RunOutcome.Failed ? "The engine is gone." : null },
            ];
        }
        _over.TrySetResult();
    }
}
