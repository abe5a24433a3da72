using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Storage;

/// <summary>Where runs, datasets and experiments are kept, brought up to this program's schema when it is opened. Thread-safe once open.</summary>
internal abstract class RunDatabase : IDisposable
{
    /// <summary>Whether it can be used.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>Why it can't be used, in words for the reader.</summary>
    public string? Problem { get; protected set; } = "The run database was not opened.";

    /// <summary>What became of one that was damaged.</summary>
    public string? Notice { get; protected set; }

    /// <summary>Who of the workbenches on it this one is; null where there can be no other.</summary>
    public virtual string? Worker => null;

    /// <summary>A run has more events, written by any workbench; <see cref="Guid.Empty"/> where any run may have. Raised on any thread.</summary>
    public event Action<Guid>? RunChanged;

    /// <summary>A workbench wants something of a run. Raised on any thread.</summary>
    public event Action<RunCommand>? Commanded;

    /// <exception cref="InvalidOperationException">It is not open.</exception>
    public abstract RunDbContext CreateContext();

    /// <summary>Opens it, creating or upgrading it; never throws for what is wrong with it: <see cref="Problem"/> tells.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Why a write failed, in words for the reader.</summary>
    public abstract string Explain(Exception failure);

    /// <summary>Tells the other workbenches that runs have more events. Never throws: what is told is kept already, and is looked for after a while.</summary>
    public virtual Task TellAsync(RunDbContext context, IEnumerable<Guid> runs, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells all workbenches what is wanted of a run.</summary>
    public virtual Task SendAsync(RunCommand command) => Task.CompletedTask;

    public abstract void Dispose();

    protected void Raise(Guid run) => RunChanged?.Invoke(run);

    protected void Raise(RunCommand command) => Commanded?.Invoke(command);
}

/// <summary>Another workbench has ended the run, or goes on with it.</summary>
internal sealed class RunTakenOverException : Exception
{
    public RunTakenOverException() : base("The run is another workbench's by now.") { }
}
