using System.Runtime.CompilerServices;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>
/// The append-only events of one run. Many writers, many readers: a reader keeps its own place and reads at its own
/// pace, so it misses nothing and holds nobody up. Readers see an event once the store has it, or has said that it
/// can't have it now.
/// </summary>
internal sealed class RunLog : IUnsavedEvents
{
    private const int MaxBatch = 256;
    private readonly TimeProvider _time;
    private readonly IRunStore _store;
    private readonly Lock _lock = new();
    private readonly List<RunEvent> _events;
    private readonly TaskCompletionSource _first = NewSignal();
    private TaskCompletionSource _changed = NewSignal();
    private int _saved;
    private int _shown;
    private bool _notified;
    private bool _unsaved;
    private bool _complete;

    /// <param name="runId">The run.</param>
    /// <param name="time">The clock of its events.</param>
    /// <param name="store">Where they are kept.</param>
    /// <param name="before">Events of earlier segments, kept already: 1, 2, 3 …</param>
    public RunLog(Guid runId, TimeProvider time, IRunStore store, IReadOnlyList<RunEvent>? before = null)
    {
        (RunId, _time, _store, _events) = (runId, time, store, [.. before ?? []]);
        _saved = _shown = _events.Count;
    }

    public Guid RunId { get; }

    /// <summary>The final answer and the end, as far as readers have seen them.</summary>
    public (FinalAnswer? Answer, RunFinished? End) Shown { get; private set; }

    /// <summary>Ends when readers can see that there is a run.</summary>
    public Task FirstShown => _first.Task;

    /// <summary>How it ended, shown or not; null while it runs.</summary>
    public RunFinished? End
    {
        get
        {
            lock (_lock)
                return _complete ? (RunFinished)_events[^1] : null;
        }
    }

    /// <summary>Every event so far, shown or not.</summary>
    public IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (_lock)
                return _events.ToArray();
        }
    }

    /// <summary>Numbers and stamps an event. <see cref="RunFinished"/> closes the log; what comes after it is dropped, and false returned.</summary>
    public bool Append(RunEvent runEvent)
    {
        TaskCompletionSource? changed;
        bool notify;
        lock (_lock)
        {
            if (_complete)
                return false;
            _events.Add(runEvent with { RunId = RunId, Seq = _events.Count + 1, At = _time.GetUtcNow() });
            _complete = runEvent is RunFinished;
            notify = !_notified;
            _notified = true;
            changed = _unsaved ? ShowLocked(_events.Count) : null;
        }
        changed?.SetResult();
        if (notify)
            _store.Notify(this);
        return true;
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

    public IReadOnlyList<RunEvent> TakeUnsaved()
    {
        lock (_lock)
        {
            _notified = false;
            return _events.GetRange(_saved, _events.Count - _saved);
        }
    }

    public void Saved(long seq)
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            (_saved, _unsaved) = (Math.Max(_saved, (int)seq), false);
            changed = ShowLocked(_saved);
        }
        changed?.SetResult();
    }

    public void NotSaved()
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            _unsaved = true;
            changed = ShowLocked(_events.Count);
        }
        changed?.SetResult();
    }

    private TaskCompletionSource? ShowLocked(int count)
    {
        if (count <= _shown)
            return null;
        for (; _shown < count; _shown++)
        {
            Shown = _events[_shown] switch
            {
                FinalAnswer answer => (answer, Shown.End),
                RunFinished end => (Shown.Answer, end),
                _ => Shown,
            };
        }
        _first.TrySetResult();
        var changed = _changed;
        _changed = NewSignal();
        return changed;
    }

    // The signal is taken together with the events: an event shown afterwards has already completed it.
    private (RunEvent[] Batch, Task? More) Take(int from)
    {
        lock (_lock)
        {
            var count = Math.Clamp(_shown - from, 0, MaxBatch);
            return (count == 0 ? [] : _events.GetRange(from, count).ToArray(), _complete && _shown == _events.Count ? null : _changed.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
