namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>How many nodes a group may have, and when one comes or goes.</summary>
public sealed record NodeLimits
{
    /// <summary>Nodes that always run.</summary>
    public int Min { get; init; } = 1;

    /// <summary>Nodes that run at most.</summary>
    public int Max { get; init; } = 1;

    /// <summary>A node that had no agent for so long is stopped.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Another node is started where an agent would wait longer than this for a place.</summary>
    public TimeSpan Queue { get; init; } = TimeSpan.FromSeconds(2);
}
