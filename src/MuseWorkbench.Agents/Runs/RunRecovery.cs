using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>
/// At start, before anything is served: runs the last process left open get the end it could not write. Where several processes
/// share a store, those of a process that has gone get it from the others, soon after.
/// </summary>
internal sealed partial class RunRecovery(IRunStore store, TimeProvider time, ILogger<RunRecovery> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);

    private const int ReadAtOnce = 4096;

    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await RecoverAsync(cancellationToken);
        if (store.IsShared)
            _watching = Task.Run(WatchAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watching;
    }

    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_every, time, _stop.Token);
                try
                {
                    await RecoverAsync(_stop.Token);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogNotLooked(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
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

    [LoggerMessage(LogLevel.Warning, "Runs of others that have gone can't be looked for at the moment; tried again.")]
    private partial void LogNotLooked(Exception failure);

    [LoggerMessage(LogLevel.Error, "Run {RunId} was cut off and can't be ended.")]
    private partial void LogFailed(Exception failure, Guid runId);
}
