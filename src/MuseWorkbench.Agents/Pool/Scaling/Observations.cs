using System.Collections.Immutable;

namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>Where a node of a group stands.</summary>
public enum NodeState
{
    /// <summary>It doesn't run, and may be started.</summary>
    Asleep,

    /// <summary>It runs and is not ready for agents yet.</summary>
    Starting,
    Ready,

    /// <summary>It doesn't run, and can't at the moment.</summary>
    Failed,
}

/// <summary>One node as it was seen.</summary>
/// <param name="Name">Unique in its group.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Agents">Agents it has, at work or waiting.</param>
/// <param name="LastUsed">When it last had one, or became ready.</param>
public sealed record NodeObservation(string Name, NodeState State, int Agents, DateTimeOffset LastUsed)
{
    /// <summary>Whether somebody holds agents off it: it serves none, and is left alone.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>The nodes of one model, in the order in which they are started.</summary>
public sealed record GroupObservation(string Name, NodeLimits Limits, ImmutableArray<NodeObservation> Nodes)
{
    /// <summary>Agents that no running node can take.</summary>
    public int Waiting { get; init; }

    /// <summary>Since when the first of them waits.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>How long an agent that comes now would wait for a place.</summary>
    public TimeSpan QueueTime { get; init; }

    /// <summary>Memory another node takes; null where that isn't known.</summary>
    public long? NodeBytes { get; init; }

    /// <summary>Until when nothing is changed, because the last change failed.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Nodes that hold memory.</summary>
    public int Running => Nodes.Count(node => node.State is NodeState.Starting or NodeState.Ready);
}

/// <summary>Groups that share memory.</summary>
/// <param name="FreeBytes">What can be had of it; null where that isn't known.</param>
/// <param name="Groups">In the order of the settings.</param>
public sealed record DeviceObservation(long? FreeBytes, ImmutableArray<GroupObservation> Groups);
