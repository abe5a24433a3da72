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
    private readonly long _began;
    private AgentTeam? _team;
    private volatile RunFinished? _finished;
    private volatile string? _answer;
    private RunOutcome _stoppedAs = RunOutcome.Stopped;

    public Run(RunRequest request, TimeProvider time)
    {
        Request = request;
        _time = time;
        StartedAt = time.GetUtcNow();
        _began = time.GetTimestamp();
        Id = Guid.CreateVersion7(StartedAt);
        Log = new RunLog(Id, time);
    }

    public Guid Id { get; }
    public RunRequest Request { get; }
    public DateTimeOffset StartedAt { get; }
    public RunLog Log { get; }
    public bool IsOver => _finished is not null;

    public RunSummary Summary =>
        new(Id, StartedAt, Request.Prompt, Request.Team.Name, Request.Team.Agents.Length, _finished?.Outcome, _answer);

    /// <summary>Runs to the end, whatever happens on the way; returns the failure that ended it, if one did.</summary>
    public async Task<Exception?> ExecuteAsync(IStrategy strategy, ImmutableArray<RunImage> images, AgentRunner runner)
    {
        var results = new ResultCollector();
        var seeds = new SeedSource();
        var team = new AgentTeam(Request, Log, seeds.For(Request.Team.Agents[0].Sampling.Seed, 0), RunAgentAsync, _stop.Token);
        Volatile.Write(ref _team, team);
        Log.Append(new RunStarted { Request = Request });
        Exception? failure = null;
        try
        {
            var final = await strategy.RunAsync(team, _stop.Token);
            _answer = final.Answer;
            Log.Append(final);
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
        Finish(results, failure);
        return failure;

        async Task<AgentResult> RunAgentAsync(AgentAssignment assignment, CancellationToken stop)
        {
            using var journal = new AgentJournal(Log, assignment.Index, _time);
            var seed = seeds.For(assignment.Spec.Sampling.Seed, assignment.Index);
            var result = await runner.RunAsync(new AgentWork(Id, assignment, images, seed, journal), stop);
            results.Add(result);
            return result;
        }
    }

    /// <summary>Stops the run; false where it is over.</summary>
    public bool Stop(RunOutcome asOutcome = RunOutcome.Stopped)
    {
        if (IsOver)
            return false;
        _stoppedAs = asOutcome;
        // Waiting agents go on elsewhere, not on the thread of whoever pressed stop.
        _ = _stop.CancelAsync();
        return true;
    }

    public bool StopAgent(int index)
    {
        var agents = Volatile.Read(ref _team)?.Agents ?? [];
        return index >= 0 && index < agents.Length && agents[index].Stop();
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
        var finished = new RunFinished
        {
            Outcome = error is not null ? RunOutcome.Failed : stopped ? _stoppedAs : RunOutcome.Completed,
            WallClockMs = _time.GetElapsedTime(_began).TotalMilliseconds,
            TotalTokens = results.TotalTokens,
            CriticalPathTokens = results.LongestPath,
            Error = error,
        };
        _finished = finished;
        // Lets the images' bytes go: a run held for reading needs its events alone.
        Volatile.Write(ref _team, null);
        Log.Append(finished);
    }
}
