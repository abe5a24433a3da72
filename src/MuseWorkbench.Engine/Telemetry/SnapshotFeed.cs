using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Telemetry;

/// <summary>Hands snapshots to whoever watches. A slow watcher misses the oldest; nobody waits for one.</summary>
internal sealed class SnapshotFeed
{
    private ImmutableHashSet<Channel<EngineSnapshot>> _watchers = [];

    public void Publish(EngineSnapshot snapshot)
    {
        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryWrite(snapshot);
        }
    }

    public async IAsyncEnumerable<EngineSnapshot> WatchAsync(Task ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<EngineSnapshot>(
            new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        ImmutableInterlocked.Update(ref _watchers, (set, added) => set.Add(added), channel);
        _ = ended.ContinueWith(
            _ => channel.Writer.TryComplete(), cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return snapshot;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref _watchers, (set, removed) => set.Remove(removed), channel);
        }
    }
}
