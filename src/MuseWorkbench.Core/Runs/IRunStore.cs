namespace MuseWorkbench.Core;

/// <summary>Where runs' events are kept. Thread-safe.</summary>
public interface IRunStore
{
    /// <summary>Whether what happens now is kept, and what the reader should know about it.</summary>
    RunStoreStatus Status { get; }

    /// <summary>Raised after <see cref="Status"/> changed, on any thread.</summary>
    event Action? StatusChanged;

    /// <summary>A run has events to keep. Returns at once; they are taken from the run when the one writer gets to it.</summary>
    void Notify(IUnsavedEvents run);

    /// <summary>Keeps events that follow one another, of one run; they are on the disk when this returns.</summary>
    Task AppendAsync(IReadOnlyList<RunEvent> events, CancellationToken cancellationToken);

    /// <summary>Kept events of a run above <paramref name="afterSeq"/>, in order, at most <paramref name="limit"/>; empty where there are none.</summary>
    Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, long afterSeq, int limit, CancellationToken cancellationToken);

    Task<bool> ContainsAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Whether other processes keep runs in it, too.</summary>
    bool IsShared => false;

    /// <summary>Another process, or this one, wants something of a run. Raised on any thread.</summary>
    event Action<RunCommand>? Commanded
    {
        add { }
        remove { }
    }

    /// <summary>Passes a command on to the process that runs the run. Returns at once; it may have ended meanwhile.</summary>
    void Send(RunCommand command) { }

    /// <summary>Waits until a run of another process may have events above <paramref name="afterSeq"/>; false where there will be none.</summary>
    Task<bool> WaitForMoreAsync(Guid runId, long afterSeq, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Runs whose end was never kept, and won't be: whoever ran them is gone.</summary>
    Task<IReadOnlyList<Guid>> FindOpenAsync(CancellationToken cancellationToken);
}

/// <summary>What can be asked of a run from elsewhere.</summary>
public enum RunDeed { Stop, StopAgent, AnswerNow }

/// <summary>Something a run is to do.</summary>
/// <param name="Run">Which one.</param>
/// <param name="Deed">What.</param>
/// <param name="Agent">Which of its agents; null for all.</param>
public readonly record struct RunCommand(Guid Run, RunDeed Deed, int? Agent = null);

/// <summary>A run's events on their way to the disk. The store's writer alone calls it, one call at a time.</summary>
public interface IUnsavedEvents
{
    Guid RunId { get; }

    /// <summary>Everything not saved yet, in order. The run notifies again only of what comes later.</summary>
    IReadOnlyList<RunEvent> TakeUnsaved();

    /// <summary>Events up to this number are on the disk.</summary>
    void Saved(long seq);

    /// <summary>They could not be saved now. The run goes on without waiting for the disk; the store tries again.</summary>
    void NotSaved();
}

/// <summary>The state of a <see cref="IRunStore"/>.</summary>
/// <param name="Saves">Whether runs are being kept.</param>
/// <param name="Problem">Why they are not, in words for the reader.</param>
/// <param name="Notice">Something about what was kept earlier that the reader should know.</param>
public sealed record RunStoreStatus(bool Saves, string? Problem = null, string? Notice = null);
