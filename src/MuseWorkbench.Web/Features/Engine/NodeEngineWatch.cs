using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Runs watch the local node, whichever process that is at the moment.</summary>
internal sealed class NodeEngineWatch(INodeMonitor monitor) : IEngineWatch
{
    public async IAsyncEnumerable<EngineSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whoever reads slowly loses the oldest, and holds up nobody.
        var arrived = Channel.CreateBounded<EngineSnapshot>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        monitor.SnapshotArrived += Note;
        try
        {
            await foreach (var snapshot in arrived.Reader.ReadAllAsync(cancellationToken))
            {
                yield return snapshot;
            }
        }
        finally
        {
            monitor.SnapshotArrived -= Note;
        }

        void Note()
        {
            if (monitor.Latest is { } latest)
            {
                arrived.Writer.TryWrite(latest);
            }
        }
    }
}
