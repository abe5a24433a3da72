using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Telemetry;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Runs at work and the last <see cref="MaxHeld"/> in memory; all of them in the store.</summary>
internal sealed partial class RunService(
    RunValidator validator, AgentRunner runner, IImageRenderer renderer, IEngineWatch engine, IRunStore store, TimeProvider time, ILogger<RunService> logger)
    : IRunService, IAsyncDisposable
{
    /// <summary>Finished runs beyond this many are read from the store, oldest first.</summary>
    public const int MaxHeld = 200;

    private const int ReadAtOnce = 512;
    private static readonly TimeSpan s_closingTime = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly ViewCache _views = new(renderer);
    // In order of start.
    private readonly OrderedDictionary<Guid, (Run Run, Task Execution)> _runs = [];
    private bool _closed;
    private bool _listens;

    public Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default) => BeginAsync(request, null, cancellationToken);

    public async Task StartAsync(RunRequest request, Guid runId, CancellationToken cancellationToken = default)
    {
        if (await ExistsAsync(runId, cancellationToken))
            throw new RunRejectedException("There is a run of this id already.");
        await BeginAsync(request, runId, cancellationToken);
    }

    public async Task ResumeAsync(Guid runId, CancellationToken cancellationToken = default)
    {
        var before = new RecordedRun(await store.ContainsAsync(runId, cancellationToken) ? await ReadStoredAsync(runId, cancellationToken) : []);
        if (!before.CanResume)
            throw new RunRejectedException("Only a run that was interrupted can be taken up again.");
        var (strategy, images) = await validator.CheckAsync(before.Request!, cancellationToken);
        Begin(new Run(runId, before, time, store), strategy, images);
    }

    public async IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Find(runId) is { } run)
        {
            await foreach (var e in run.Log.ReadAsync(afterSeq, cancellationToken))
                yield return e;
            yield break;
        }
        if (!await store.ContainsAsync(runId, cancellationToken))
            throw new KeyNotFoundException($"There is no run {runId}.");
        var next = afterSeq;
        do
        {
            while (await store.ReadAsync(runId, next, ReadAtOnce, cancellationToken) is { Count: > 0 } events)
            {
                foreach (var e in events)
                    yield return e;
                next = events[^1].Seq;
            }
        }
        while (await store.WaitForMoreAsync(runId, next, cancellationToken));
    }

    public async Task<bool> ExistsAsync(Guid runId, CancellationToken cancellationToken = default) =>
        Find(runId) is not null || await store.ContainsAsync(runId, cancellationToken);

    public void Forget(Guid runId)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(runId, out var held) && held.Execution.IsCompleted)
            {
                _runs.Remove(runId);
                held.Run.Dispose();
            }
        }
    }

    public bool Stop(Guid runId) => Find(runId)?.Stop() ?? Pass(new RunCommand(runId, RunDeed.Stop));

    public bool StopAgent(Guid runId, int agent) => Find(runId)?.StopAgent(agent) ?? Pass(new RunCommand(runId, RunDeed.StopAgent, agent));

    public bool AnswerNow(Guid runId, int? agent = null) => Find(runId)?.AnswerNow(agent) ?? Pass(new RunCommand(runId, RunDeed.AnswerNow, agent));

    public async Task<Guid> RerunAgentAsync(Guid runId, int agent, CancellationToken cancellationToken = default)
    {
        if (!await ExistsAsync(runId, cancellationToken))
            throw new RunRejectedException("There is no such run.");
        var recorded = new RecordedRun(Find(runId)?.Log.Events ?? await ReadStoredAsync(runId, cancellationToken));
        return await StartAsync(recorded.Again(agent, runId), cancellationToken);
    }

    public IReadOnlyList<RunSummary> List()
    {
        lock (_lock)
            return [.. _runs.Values.Reverse().Select(r => r.Run.Summary)];
    }

    /// <summary>Ends every run as interrupted and waits a little for them.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _closed = true;
            store.Commanded -= Obey;
            foreach (var (run, execution) in _runs.Values)
            {
                if (!execution.IsCompleted)
                    run.Interrupt();
            }
            running = [.. _runs.Values.Select(r => r.Execution)];
        }
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(s_closingTime, time));
    }

    // It may be another process's run; whether there is such a one is not known here.
    private bool Pass(RunCommand command)
    {
        store.Send(command);
        return store.IsShared;
    }

    private void Obey(RunCommand command)
    {
        if (Find(command.Run) is not { } run)
            return;
        switch (command.Deed)
        {
            case RunDeed.Stop:
                run.Stop();
                break;
            case RunDeed.StopAgent when command.Agent is { } agent:
                run.StopAgent(agent);
                break;
            case RunDeed.AnswerNow:
                run.AnswerNow(command.Agent);
                break;
        }
    }

    private async Task<Guid> BeginAsync(RunRequest request, Guid? runId, CancellationToken cancellationToken)
    {
        var (strategy, images) = await validator.CheckAsync(request, cancellationToken);
        var run = new Run(request with { Images = request.Images.IsDefault ? [] : request.Images, Prompt = request.Prompt ?? "" }, time, store, runId);
        Begin(run, strategy, images);
        await run.Log.FirstShown;
        return run.Id;
    }

    private void Begin(Run run, IStrategy strategy, ImmutableArray<RunImage> images)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (!_listens)
            {
                _listens = true;
                store.Commanded += Obey;
            }

            if (_runs.TryGetValue(run.Id, out var held) && !held.Run.IsOver)
                throw new RunRejectedException("The run has been taken up again already.");
            _runs.Remove(run.Id);
            _runs.Add(run.Id, (run, Task.Run(() => ExecuteAsync(run, strategy, images), CancellationToken.None)));
            Forget();
        }
    }

    private async Task ExecuteAsync(Run run, IStrategy strategy, ImmutableArray<RunImage> images)
    {
        using var span = WorkSpan.OfRun(run.Id, run.Request.Team, time);
        LogStarted(run.Id, run.Request.Team.Agents.Length);
        if (await run.ExecuteAsync(strategy, new RunViews(run.Request, images, _views), runner, engine) is { } failure)
            LogFailed(failure, run.Id);
        var outcome = run.Log.End?.Outcome;
        span.Ended(outcome);
        LogFinished(run.Id, outcome);
    }

    private async Task<List<RunEvent>> ReadStoredAsync(Guid runId, CancellationToken cancellationToken)
    {
        List<RunEvent> events = [];
        while (await store.ReadAsync(runId, events.Count == 0 ? 0 : events[^1].Seq, ReadAtOnce, cancellationToken) is { Count: > 0 } more)
            events.AddRange(more);
        return events;
    }

    private Run? Find(Guid runId)
    {
        lock (_lock)
            return _runs.TryGetValue(runId, out var held) ? held.Run : null;
    }

    private void Forget()
    {
        for (var i = 0; i < _runs.Count && _runs.Count > MaxHeld;)
        {
            var (run, execution) = _runs.GetAt(i).Value;
            if (!execution.IsCompleted)
            {
                i++;
                continue;
            }
            _runs.RemoveAt(i);
            run.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId} started with {Agents} agents.")]
    private partial void LogStarted(Guid runId, int agents);

    [LoggerMessage(LogLevel.Information, "Run {RunId} finished: {Outcome}.")]
    private partial void LogFinished(Guid runId, RunOutcome? outcome);

    [LoggerMessage(LogLevel.Error, "Run {RunId} failed.")]
    private partial void LogFailed(Exception failure, Guid runId);
}
