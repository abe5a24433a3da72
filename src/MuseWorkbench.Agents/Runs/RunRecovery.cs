using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>At start, before anything is served: runs the last process left open get the end it could not write.</summary>
internal sealed partial class RunRecovery(IRunStore store, ILogger<RunRecovery> logger) : IHostedService
{
    private const int ReadAtOnce = 4096;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var runId in await store.FindOpenAsync(cancellationToken))
        {
            try
            {
                await EndAsync(runId, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The others are still to be ended, and the workbench is to start.
                LogFailed(e, runId);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task EndAsync(Guid runId, CancellationToken cancellationToken)
    {
        List<RunEvent> events = [];
        while (await store.ReadAsync(runId, events.Count == 0 ? 0 : events[^1].Seq, ReadAtOnce, cancellationToken) is { Count: > 0 } more)
            events.AddRange(more);
        if (events.Count == 0)
            return;
        // It ended when it was last heard of, not when that was noticed: a replay keeps its length.
        var end = new RecordedRun(events).Interrupted() with { RunId = runId, Seq = events[^1].Seq + 1, At = events[^1].At };
        await store.AppendAsync([end], cancellationToken);
        LogEnded(runId, events.Count);
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId} was cut off after {Events} events; it is kept as interrupted and can be resumed.")]
    private partial void LogEnded(Guid runId, int events);

    [LoggerMessage(LogLevel.Error, "Run {RunId} was cut off and can't be ended.")]
    private partial void LogFailed(Exception failure, Guid runId);
}
