using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Two small gauges for the top bar: KV cells and rows, as of the latest snapshot.</summary>
public sealed partial class EngineMeters : IDisposable
{
    private int _pending;

    [Inject] public required INodeMonitor Monitor { get; init; }

    private EngineSnapshot? Snapshot => Monitor.Status.Phase == NodePhase.Ready ? Monitor.Latest : null;

    public void Dispose() => Monitor.SnapshotArrived -= OnSnapshot;

    protected override void OnInitialized() => Monitor.SnapshotArrived += OnSnapshot;

    private static int Used(EngineSnapshot now) => now.Kv.Pinned + now.Kv.Shared + now.Kv.Private;

    private static string KvTip(EngineSnapshot now) => $"KV cells in use: the engine's memory of tokens, one cell each. {Fmt.Count(Used(now))} of {Fmt.Count(now.Kv.Capacity)}";

    private static double KvShare(EngineSnapshot now) => now.Kv.Capacity > 0 ? Math.Clamp((double)Used(now) / now.Kv.Capacity, 0, 1) : 0;

    private static double RowShare(EngineSnapshot now) => now.RowCapacity > 0 ? Math.Clamp((double)now.MaxRows / now.RowCapacity, 0, 1) : 0;

    // A circuit that lags behind gets the latest, not a queue of old ones.
    private void OnSnapshot()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0)
        {
            _ = InvokeAsync(() =>
            {
                _pending = 0;
                StateHasChanged();
            });
        }
    }
}
