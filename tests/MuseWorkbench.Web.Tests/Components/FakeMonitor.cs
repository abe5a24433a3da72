using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>A node monitor that says what a test tells it.</summary>
internal sealed class FakeMonitor : INodeMonitor
{
    public NodeStatus Status { get; private set; } = new(NodePhase.Ready);
    public List<EngineSnapshot> Snapshots { get; } = [];
    public List<NodeLogLine> Lines { get; } = [];
    public int RestartCalls { get; private set; }
    public EngineSnapshot? Latest => Snapshots.LastOrDefault();
    public IReadOnlyList<NodeLogLine> Log => Lines;

    public event Action? StatusChanged;
    public event Action? SnapshotArrived;

    public void Become(NodeStatus status)
    {
        Status = status;
        StatusChanged?.Invoke();
    }

    public void Arrive(EngineSnapshot snapshot)
    {
        Snapshots.Add(snapshot);
        SnapshotArrived?.Invoke();
    }

    public IReadOnlyList<EngineSnapshot> History(TimeSpan window, int maxPoints) => [.. Snapshots.TakeLast(maxPoints)];

    /// <summary>What the node tells, or fails with.</summary>
    public Func<Task<IReadOnlyList<EngineSequence>>> Sequences { get; set; } = () => Task.FromResult<IReadOnlyList<EngineSequence>>([]);

    public Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) => Sequences();

    public Task RestartAsync()
    {
        RestartCalls++;
        return Task.CompletedTask;
    }
}

/// <summary>A pool of this machine's engine alone.</summary>
internal sealed class NoMembers : IMemberMonitors
{
    public INodeMonitor? Find(string? name) => null;
}
