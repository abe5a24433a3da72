using System.Globalization;

namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>
/// Decides which node is started or stopped next, one step at a time. It looks at nothing itself and changes nothing. Nodes come within seconds
/// and go after minutes, so that a load that comes and goes does not make them do so. Not thread-safe.
/// </summary>
public sealed class NodeScaler(TimeProvider time)
{
    /// <summary>How long a queue must have been too long: a wave of agents that is served at once starts nothing.</summary>
    public static readonly TimeSpan Sustained = TimeSpan.FromSeconds(2);

    /// <summary>How long a node must have been without agents to make room for a model that agents wait for.</summary>
    public static readonly TimeSpan RoomForWaiting = TimeSpan.FromSeconds(5);

    /// <summary>The same for one more node of a model that has some.</summary>
    public static readonly TimeSpan RoomForMore = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, DateTimeOffset> _shortSince = [];

    private enum Need
    {
        /// <summary>Agents wait and no node runs.</summary>
        Serve,

        /// <summary>Fewer run than always should.</summary>
        Minimum,

        /// <summary>The queue is too long.</summary>
        More,
    }

    /// <summary>Whether the group may be given a node now, so that it is worth asking how much memory there is.</summary>
    public static bool MayGrow(GroupObservation group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Running < group.Limits.Max && group.Nodes.Any(node => node.State == NodeState.Asleep)
            && (group.Running < group.Limits.Min || group.Waiting > 0 || group.QueueTime > group.Limits.Queue);
    }

    /// <summary>The next step for nodes that share memory; null where all is as it should be.</summary>
    public ScaleDecision? Decide(DeviceObservation device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var now = time.GetUtcNow();
        foreach (var group in device.Groups)
        {
            if (group.QueueTime > group.Limits.Queue)
                _shortSince.TryAdd(group.Name, now);
            else
                _shortSince.Remove(group.Name);
        }

        ScaleDecision? waits = null;
        foreach (var wanted in device.Groups.Select(group => Want(group, now)).OfType<Wanted>().OrderBy(wanted => wanted.Need).ThenBy(wanted => wanted.Group.WaitingSince ?? now))
        {
            // Memory that a model without a node waits for is not given to one that has some.
            if (waits is not null && wanted.Need == Need.More)
                break;
            var step = Grow(wanted, device, now);
            if (step.Action == ScaleAction.Start)
                _shortSince.Remove(wanted.Group.Name);
            if (step.Action != ScaleAction.Wait)
                return step;
            waits ??= step;
        }

        return device.Groups.Select(group => Shrink(group, now)).FirstOrDefault(step => step is not null) ?? waits;
    }

    private Wanted? Want(GroupObservation group, DateTimeOffset now)
    {
        if (!MayGrow(group) || group.PausedUntil > now)
            return null;
        var serving = group.Nodes.Count(node => node is { State: NodeState.Starting or NodeState.Ready, IsHeld: false });
        if (group.Waiting > 0 && serving == 0)
            return new(Need.Serve, group, $"{(group.Waiting == 1 ? "1 agent waits" : $"{group.Waiting} agents wait")} and no node {(group.Running == 0 ? "runs" : "takes agents")}.");
        if (group.Running < group.Limits.Min)
            return new(Need.Minimum, group, $"{Nodes(group.Running)}, and at least {group.Limits.Min} should.");
        // What one that starts changes is seen first.
        if (group.Nodes.Any(node => node.State == NodeState.Starting))
            return null;
        return _shortSince.TryGetValue(group.Name, out var since) && now - since >= Sustained
            ? new(Need.More, group, $"An agent would wait {Seconds(group.QueueTime)} for a place, longer than {Seconds(group.Limits.Queue)}.")
            : null;
    }

    private static ScaleDecision Grow(Wanted wanted, DeviceObservation device, DateTimeOffset now)
    {
        var group = wanted.Group;
        var node = group.Nodes.First(node => node.State == NodeState.Asleep).Name;
        if (group.NodeBytes is not { } needed || device.FreeBytes is not { } free || needed <= free)
            return new(ScaleAction.Start, group.Name, node, wanted.Reason);

        var memory = $"{Bytes(needed)} of memory are needed, {Bytes(free)} are free";
        // Stopped one a step, and only where all of them together make room: none for nothing.
        var rest = wanted.Need == Need.More ? RoomForMore : RoomForWaiting;
        var sum = free;
        foreach (var idle in Spare(device, group, now - rest))
        {
            sum += idle.Group.NodeBytes ?? 0;
            if (sum >= needed)
            {
                var (of, first) = Spare(device, group, now - rest).First();
                return new(ScaleAction.Swap, of.Name, first.Name, $"Makes room for {group.Name} ({memory}); least recently used, idle for {Seconds(now - first.LastUsed)}.");
            }
        }

        return new(ScaleAction.Wait, group.Name, node, $"{wanted.Reason} {memory}, and stopping idle nodes above their minimum would not make room.");
    }

    /// <summary>Idle nodes of other groups, none below its minimum, least recently used first.</summary>
    private static IEnumerable<(GroupObservation Group, NodeObservation Node)> Spare(DeviceObservation device, GroupObservation but, DateTimeOffset unusedSince) => device.Groups
        .Where(group => group.Name != but.Name && group.Waiting == 0)
        .SelectMany(group => group.Nodes.Where(node => IsIdle(node) && node.LastUsed <= unusedSince)
            .OrderBy(node => node.LastUsed).Take(Math.Max(0, group.Running - group.Limits.Min)).Select(node => (Group: group, Node: node)))
        .OrderBy(idle => idle.Node.LastUsed);

    private static ScaleDecision? Shrink(GroupObservation group, DateTimeOffset now) =>
        group.Running > group.Limits.Min && group.Waiting == 0 && !(group.PausedUntil > now)
        // The last started goes first.
        && group.Nodes.LastOrDefault(node => IsIdle(node) && now - node.LastUsed >= group.Limits.Idle) is { } idle
            ? new(ScaleAction.Stop, group.Name, idle.Name, $"No agent for {Seconds(now - idle.LastUsed)}.")
            : null;

    private static bool IsIdle(NodeObservation node) => node is { State: NodeState.Ready, Agents: 0, IsHeld: false };

    private static string Nodes(int count) => count switch { 0 => "No node runs", 1 => "1 node runs", _ => $"{count} nodes run" };

    private static string Seconds(TimeSpan span) => span switch
    {
        { TotalSeconds: < 9.95 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
        { TotalSeconds: < 119.5 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 119.5 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
    };

    private static string Bytes(long bytes) => bytes < 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB");

    private sealed record Wanted(Need Need, GroupObservation Group, string Reason);
}
