using System.Collections.Immutable;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>One run: its request, its log, and what stops it.</summary>
internal sealed class Run : IDisposable
{
    private const string Unexpected = "Something went wrong in the workbench while it led this run. The log says more.";

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly RecordedRun? _before;
    private readonly long _began;
    private AgentTeam? _team;
    private volatile bool _over;

    /// <param name="id">Null for one of its own.</param>
    public Run(RunRequest request, TimeProvider time, IRunStore store, Guid? id = null)
    {
        Request = request;
        _time = time;
        StartedAt = time.GetUtcNow();
        _began = time.GetTimestamp();
        Id = id ?? Guid.CreateVersion7(StartedAt);
        Log = new RunLog(Id, time, store);
    }

    /// <summary>Takes an interrupted run up again.</summary>
    public Run(Guid id, RecordedRun before, TimeProvider time, IRunStore store)
    {
        (Id, Request, StartedAt, _before, _time) = (id, before.Request!, before.StartedAt, before, time);
        _began = time.GetTimestamp();
        Log = new RunLog(id, time, store, before.Events);
    }

    public Guid Id { get; }
    public RunRequest Request { get; }
    public DateTimeOffset StartedAt { get; }
    public RunLog Log { get; }
    public bool IsOver => _over;

    public RunSummary Summary
    {
        get
        {
            var (answer, end) = Log.Shown;
            return new(Id, StartedAt, Request.Prompt, Request.Team.Name, Request.Team.Agents.Length, end?.Outcome, answer?.Answer);
        }
    }

    /// <summary>Runs to the end, whatever happens on the way; returns the failure that ended it, if one did.</summary>
    public async Task<Exception?> ExecuteAsync(IStrategy strategy, RunViews views, AgentRunner runner, IEngineWatch engine)
    {
        var results = new ResultCollector();
        var seeds = new SeedSource();
        // What a strategy draws (orders, samples) is drawn again where a run is taken up again: it follows from the first agent's seed.
        var team = new AgentTeam(Request, Log, SeedOf(Request.Team.Agents[0], 0), RunAgentAsync, _stop.Token);
        Volatile.Write(ref _team, team);
        Log.Append(_before is null ? new RunStarted { Request = Request } : _before.Resumed());
        await using var recording = new EngineRecording(Log, engine, _time);
        Exception? failure = null;
        try
        {
            Log.Append(await strategy.RunAsync(team, _stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Log.Append(new VoteTally().Decide());
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }
        await EndAgentsAsync(team);
        await recording.DisposeAsync();
        Finish(results, failure);
        return failure;

        uint SeedOf(AgentSpec spec, int index) => _before?.SeedOf(index) ?? seeds.For(spec.Sampling.Seed, index);

        async Task<AgentResult> RunAgentAsync(AgentAssignment assignment, CancellationToken stop)
        {
            var result = _before?.ResultOf(assignment) ?? await WorkAsync(assignment, stop);
            results.Add(result);
            return result;
        }

        async Task<AgentResult> WorkAsync(AgentAssignment assignment, CancellationToken stop)
        {
            using var journal = new AgentJournal(Log, assignment.Index, _time);
            return await runner.RunAsync(new AgentWork(Id, assignment, views, SeedOf(assignment.Spec, assignment.Index), journal) { Begun = _before?.BeginningOf(assignment) }, stop);
        }
    }

    /// <summary>Stops the run; false where it is over.</summary>
    public bool Stop()
    {
        if (IsOver)
            return false;
        // Waiting agents go on elsewhere, not on the thread of whoever pressed stop.
        _ = _stop.CancelAsync();
        return true;
    }

    /// <summary>Cuts the run off as a crash would: agents at work are left unfinished, so that they can be taken up again.</summary>
    public void Interrupt()
    {
        Log.Append(new RecordedRun(Log.Events).Interrupted());
        Stop();
    }

    public bool StopAgent(int index)
    {
        var agents = Volatile.Read(ref _team)?.Agents ?? [];
        return index >= 0 && index < agents.Length && agents[index].Stop();
    }

    /// <summary>Ends the thinking of one agent or of all; false where none was thinking.</summary>
    public bool AnswerNow(int? index)
    {
        var told = false;
        foreach (var agent in Volatile.Read(ref _team)?.Agents ?? [])
            told |= (index is null || agent.Index == index) && agent.AnswerNow();
        return told;
    }

    /// <summary>Only once it is over.</summary>
    public void Dispose() => _stop.Dispose();

    // A strategy may be done while agents still work (it had enough votes): nobody waits for them any more.
    private static async Task EndAgentsAsync(AgentTeam team)
    {
        foreach (var agent in team.Agents)
            agent.Stop();
        await Task.WhenAll(team.Agents.Select(a => a.Completion));
    }

    private void Finish(ResultCollector results, Exception? failure)
    {
        var stopped = _stop.IsCancellationRequested;
        var error = failure is not null ? Unexpected : stopped ? null : results.CommonFailure;
        _over = true;
        // Lets the images' bytes go: a run held for reading needs its events alone.
        Volatile.Write(ref _team, null);
        Log.Append(new RunFinished
        {
            Outcome = error is not null ? RunOutcome.Failed : stopped ? RunOutcome.Stopped : RunOutcome.Completed,
            WallClockMs = (_before?.WallClockMs ?? 0) + _time.GetElapsedTime(_began).TotalMilliseconds,
            // What was lost between segments counts.
            TotalTokens = _before is null ? results.TotalTokens : new RecordedRun(Log.Events).TotalTokens,
            CriticalPathTokens = results.LongestPath,
            Error = error,
        });
    }
}
