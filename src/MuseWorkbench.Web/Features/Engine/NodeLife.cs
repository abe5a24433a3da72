using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>How one node process ended.</summary>
/// <param name="ExitCode">Null where it was never started.</param>
/// <param name="Reason">A sentence for the user.</param>
/// <param name="ReadyFor">How long it was ready; null where it never was.</param>
/// <param name="Served">Whether its telemetry showed generated tokens.</param>
internal sealed record NodeEnd(int? ExitCode, string Reason, TimeSpan? ReadyFor, bool Served);

/// <summary>One node process from its start to its end: follows what it says and what it measures.</summary>
internal sealed class NodeLife(INodeChild child, string key, NodeLog log, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    /// <summary>Output still in the pipes after the process ended is read for this long; something else may hold them open.</summary>
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(2);

    private NodeConnection? _connection;
    private string? _failure;
    private long? _readyAt;
    private bool _served;
    private Task _telemetry = Task.CompletedTask;

    public required Action<double?> Loading { get; init; }
    public required Action<NodeConnection> Ready { get; init; }
    public required Action<EngineSnapshot> Measured { get; init; }

    /// <summary>Completes when the process ended; <paramref name="stop"/> ends it.</summary>
    public async Task<NodeEnd> RunAsync(CancellationToken stop)
    {
        using var ended = new CancellationTokenSource();
        var pumps = Task.WhenAll(FollowEventsAsync(ended.Token), FollowLogAsync());
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.UnsafeRegister(state => ((TaskCompletionSource)state!).TrySetResult(), stopped))
        {
            await Task.WhenAny(child.Exited, stopped.Task);
        }

        if (!child.Exited.IsCompleted)
        {
            await child.StopAsync();
        }

        var code = await child.Exited;
        var ready = _readyAt is { } since ? time.GetElapsedTime(since) : (TimeSpan?)null;
        await ended.CancelAsync();
        await Task.WhenAny(pumps, Task.Delay(s_drain, CancellationToken.None));
        await _telemetry;
        return new NodeEnd(code, _failure ?? Describe(code), ready, _served);
    }

    private async Task FollowLogAsync()
    {
        while (await ReadLineAsync(child.Errors) is { } line)
        {
            if (log.AddRaw(line) is { Level: >= LogLevel.Warning } serious)
            {
                // The page shows all of it; the terminal gets the sentence without the stack trace.
                var sentence = serious.Text.Split(" | ")[0];
                logger.NodeSays(serious.Level, sentence);
            }
        }
    }

    private async Task FollowEventsAsync(CancellationToken ended)
    {
        while (await ReadLineAsync(child.Output) is { } line)
        {
            if (NodeEvent.TryParse(line) is not { } said)
            {
                log.Add(LogLevel.Information, line);
                continue;
            }

            switch (said.Event)
            {
                case "listening" when Uri.TryCreate(said.Url, UriKind.Absolute, out var url):
                    _connection = new NodeConnection(url, key);
                    Loading(null);
                    break;
                case "loading":
                    Loading(said.Progress);
                    break;
                case "ready" when _connection is { } connection:
                    _telemetry = ServeAsync(connection, ended);
                    break;
                case "failed":
                    _failure = said.Reason;
                    break;
            }
        }
    }

    private async Task ServeAsync(NodeConnection connection, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                if (_readyAt is null)
                {
                    var serving = await connection.WithModelAsync(ended);
                    _readyAt = time.GetTimestamp();
                    Ready(serving);
                }

                await foreach (var snapshot in connection.WatchAsync(ended))
                {
                    _served |= snapshot.Counters.GeneratedTokens > 0;
                    Measured(snapshot);
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                logger.TelemetryInterrupted(e.Message);
            }

            try
            {
                await Task.Delay(s_retry, time, ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<string?> ReadLineAsync(TextReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static string Describe(int code) => code switch
    {
        0 => "The engine ended without being asked to.",
        128 + 4 => "The engine was ended by an illegal instruction (exit code 132): its libraries may be built for another processor.",
        128 + 6 => "The engine aborted (exit code 134).",
        128 + 9 => "The engine was killed (exit code 137); where nobody did it, memory may have run out.",
        128 + 11 => "The engine crashed with a memory fault (exit code 139).",
        _ => $"The engine ended unexpectedly (exit code {code}).",
    };
}
