using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>How the engine does: <c>/telemetry</c>, <c>/telemetry/stream</c>, <c>/slots</c>, <c>/metrics</c>.</summary>
internal static class TelemetryEndpoints
{
    /// <summary>Silence after which a comment shows that the connection still stands.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static IResult Latest(EngineSlot slot) => Results.Json(slot.Require().Snapshot, MuseJson.Options);

    public static IResult Metrics(EngineSlot slot, RequestMetrics requests)
    {
        var engine = slot.Require();
        return Results.Text(PrometheusText.Write(engine.Model, engine.Metrics, requests), PrometheusText.ContentType);
    }

    /// <summary>Every sequence under way and every pinned prompt; no text of theirs.</summary>
    public static async Task<IResult> SlotsAsync(EngineSlot slot, CancellationToken cancellationToken) =>
        Results.Json(await slot.Require().GetSequencesAsync(cancellationToken), MuseJson.Options);

    /// <summary>Snapshots as they come, the latest first, until the client or the node goes.</summary>
    public static async Task StreamAsync(HttpContext context, EngineSlot slot, NodeLifetime lifetime, TimeProvider time)
    {
        var engine = slot.Require();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.Stopping);
        var writer = SseWriter.Start(context, MuseJson.Options);
        writer.Event("snapshot", engine.Snapshot);
        await writer.FlushAsync();

        var snapshots = engine.WatchAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= snapshots.MoveNextAsync().AsTask();
                try
                {
                    if (!await next.WaitAsync(Heartbeat, time, stop.Token))
                    {
                        return;
                    }

                    writer.Event("snapshot", snapshots.Current);
                    next = null;
                }
                catch (TimeoutException)
                {
                    writer.Heartbeat();
                }

                await writer.FlushAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left, or the node is stopping: the stream just ends.
        }
        finally
        {
            await stop.CancelAsync();
            await EndAsync(next);
            await snapshots.DisposeAsync();
        }
    }

    /// <summary>An enumerator may be disposed only when no step of it is under way.</summary>
    private static async Task EndAsync(Task<bool>? pending)
    {
        if (pending is null)
        {
            return;
        }

        try
        {
            await pending;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }
}
