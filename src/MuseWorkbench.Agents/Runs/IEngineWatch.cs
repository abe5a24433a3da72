using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Where runs learn what the engine does meanwhile. Thread-safe.</summary>
public interface IEngineWatch
{
    /// <summary>
    /// Snapshots of the engines a run's agents are on, together, from now on until cancelled; none where nothing tells any.
    /// </summary>
    IAsyncEnumerable<EngineSnapshot> WatchAsync(Guid run, CancellationToken cancellationToken);
}

/// <summary>Where a host has no engine to watch.</summary>
internal sealed class NoEngineWatch : IEngineWatch
{
    public IAsyncEnumerable<EngineSnapshot> WatchAsync(Guid run, CancellationToken cancellationToken) => AsyncEnumerable.Empty<EngineSnapshot>();
}
