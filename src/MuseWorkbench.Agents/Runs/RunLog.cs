using System.Runtime.CompilerServices;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>
/// The append-only events of one run. Many writers, many readers: a reader keeps its own place and reads at its own
/// pace, so it misses nothing and holds nobody up.
/// </summary>
internal sealed class RunLog(Guid runId, TimeProvider time)
{
    private const int MaxBatch = 256;
    private readonly Lock _lock = new();
    private readonly List<RunEvent> _events = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _complete;

    /// <summary>Numbers and stamps an event. <see cref="RunFinished"/> closes the log; what comes after it is dropped.</summary>
    public void Append(RunEvent runEvent)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_complete)
                return;
            _events.Add(runEvent with { RunId = runId, Seq = _events.Count + 1, At = time.GetUtcNow() });
            _complete = runEvent is RunFinished;
            changed = _changed;
            _changed = NewSignal();
        }
        changed.SetResult();
    }

    /// <summary>Every event above <paramref name="afterSeq"/>, then each new one; ends after the last.</summary>
    public async IAsyncEnumerable<RunEvent> ReadAsync(long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = (int)Math.Clamp(afterSeq, 0, int.MaxValue);
        while (true)
        {
            var (batch, more) = Take(next);
            foreach (var runEvent in batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return runEvent;
            }
            next += batch.Length;
            if (batch.Length > 0)
                continue;
            if (more is null)
                yield break;
            await more.WaitAsync(cancellationToken);
        }
    }

    // The signal is taken together with the events: an event appended afterwards has already completed it.
    private (RunEvent[] Batch, Task? More) Take(int from)
    {
        lock (_lock)
        {
            var count = Math.Clamp(_events.Count - from, 0, MaxBatch);
            return (count == 0 ? [] : _events.GetRange(from, count).ToArray(), _complete ? null : _changed.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
