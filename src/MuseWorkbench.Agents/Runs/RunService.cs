using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Telemetry;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Runs in memory: the last <see cref="MaxHeld"/>, and every running one.</summary>
internal sealed partial class RunService(
    RunValidator validator, AgentRunner runner, TimeProvider time, ILogger<RunService> logger) : IRunService, IAsyncDisposable
{
    /// <summary>Finished runs beyond this many are forgotten, oldest first.</summary>
    public const int MaxHeld = 200;

    private static readonly TimeSpan s_closingTime = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    // In order of start.
    private readonly OrderedDictionary<Guid, (Run Run, Task Execution)> _runs = [];
    private bool _closed;

    public async Task<Guid> StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        var (strategy, images) = await validator.CheckAsync(request, cancellationToken);
        var run = new Run(request with { Images = request.Images.IsDefault ? [] : request.Images, Prompt = request.Prompt ?? "" }, time);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _runs.Add(run.Id, (run, Task.Run(ExecuteAsync, CancellationToken.None)));
            Forget();
        }
        return run.Id;

        async Task ExecuteAsync()
        {
            using var span = WorkSpan.OfRun(run.Id, run.Request.Team, time);
            LogStarted(run.Id, run.Request.Team.Agents.Length);
            if (await run.ExecuteAsync(strategy, images, runner) is { } failure)
                LogFailed(failure, run.Id);
            span.Ended(run.Summary.Outcome);
            LogFinished(run.Id, run.Summary.Outcome);
        }
    }

    public IAsyncEnumerable<RunEvent> ReadAsync(Guid runId, long afterSeq, CancellationToken cancellationToken) =>
        (Find(runId) ?? throw new KeyNotFoundException($"There is no run {runId}.")).Log.ReadAsync(afterSeq, cancellationToken);

    public bool Stop(Guid runId) => Find(runId)?.Stop() ?? false;

    public bool StopAgent(Guid runId, int agent) => Find(runId)?.StopAgent(agent) ?? false;

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
            foreach (var (run, _) in _runs.Values)
                run.Stop(RunOutcome.Interrupted);
            running = [.. _runs.Values.Select(r => r.Execution)];
        }
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(s_closingTime, time));
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
