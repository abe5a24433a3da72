using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>An hour of snapshots. Thread-safe.</summary>
internal sealed class SnapshotHistory(TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(60);

    /// <summary>An hour at five a second, with room to spare; a node that sends more loses its oldest.</summary>
    public const int Capacity = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<EngineSnapshot> _snapshots = new();

    public EngineSnapshot? Latest { get; private set; }

    public void Add(EngineSnapshot snapshot)
    {
        lock (_gate)
        {
            Latest = snapshot;
            _snapshots.Enqueue(snapshot);
            var oldest = time.GetUtcNow() - Kept;
            while (_snapshots.Count > Capacity || (_snapshots.TryPeek(out var first) && first.At < oldest))
            {
                _snapshots.Dequeue();
            }
        }
    }

    /// <inheritdoc cref="INodeMonitor.History"/>
    public IReadOnlyList<EngineSnapshot> Read(TimeSpan window, int maxPoints)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPoints, 2);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        var from = time.GetUtcNow() - window;
        EngineSnapshot[] inWindow;
        lock (_gate)
        {
            inWindow = [.. _snapshots.Where(snapshot => snapshot.At >= from)];
        }

        if (inWindow.Length <= maxPoints)
        {
            return inWindow;
        }

        // Cut at multiples of a fixed width, not from the first point: else every point would change with each new one.
        // A window may begin inside one slot and end inside another, hence one slot fewer.
        var width = Math.Max(1, (window.Ticks + maxPoints - 2) / (maxPoints - 1));
        var merged = new List<EngineSnapshot>(maxPoints);
        for (var start = 0; start < inWindow.Length;)
        {
            var slot = inWindow[start].At.UtcTicks / width;
            var end = start + 1;
            while (end < inWindow.Length && inWindow[end].At.UtcTicks / width == slot)
            {
                end++;
            }

            merged.Add(SnapshotMerge.Merge(inWindow.AsSpan(start, end - start)));
            start = end;
        }

        // Clocks that jumped can leave more slots than the window has: the latest count.
        return merged.Count <= maxPoints ? merged : merged.GetRange(merged.Count - maxPoints, maxPoints);
    }
}
