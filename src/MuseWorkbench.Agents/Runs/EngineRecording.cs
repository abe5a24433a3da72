using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>
/// Writes what the engine does during a run into its log, so that a replay shows it, too. Bounded however long the run: the
/// time between samples is a two-hundredth of the run so far, so their number grows with its logarithm; what lies between is merged.
/// </summary>
internal sealed class EngineRecording : IAsyncDisposable
{
    /// <summary>Least time between two samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private const int Resolution = 200;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _recording;

    public EngineRecording(RunLog log, IEngineWatch engine, TimeProvider time) => _recording = RecordAsync(log, engine, time, _stop.Token);

    /// <summary>Nothing is written after it; may be called again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_recording.IsCompleted)
            await _stop.CancelAsync();
        await _recording.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Two neighbouring intervals as one.</summary>
    internal static EngineSampled Merge(EngineSampled? first, EngineSnapshot then, long stepsBefore)
    {
        var steps = then.IntervalSteps;
        return new EngineSampled
        {
            IntervalMs = (first?.IntervalMs ?? 0) + then.IntervalMs,
            MeanRows = stepsBefore + steps == 0 ? 0 : Math.Round((((first?.MeanRows ?? 0) * stepsBefore) + (then.MeanRows * steps)) / (stepsBefore + steps), 2),
            MaxRows = Math.Max(first?.MaxRows ?? 0, then.MaxRows),
            Generated = (first?.Generated ?? 0) + then.IntervalGenerated,
            Prefilled = (first?.Prefilled ?? 0) + then.IntervalPrefilled,
            RowCapacity = then.RowCapacity, Running = then.Running, Waiting = then.Waiting, Kv = then.Kv,
        };
    }

    private static async Task RecordAsync(RunLog log, IEngineWatch engine, TimeProvider time, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var due = TimeSpan.Zero;
        EngineSampled? pending = null;
        var steps = 0L;
        await foreach (var snapshot in engine.WatchAsync(log.RunId, stop).WithCancellation(stop))
        {
            pending = Merge(pending, snapshot, steps);
            steps += snapshot.IntervalSteps;
            var now = time.GetElapsedTime(began);
            if (now < due)
                continue;
            log.Append(pending with { IntervalMs = Math.Round(pending.IntervalMs, 1) });
            (pending, steps) = (null, 0);
            // A little early rather than a whole snapshot late.
            due = now + (Interval > now / Resolution ? Interval : now / Resolution) - (Interval / 4);
        }
    }
}
