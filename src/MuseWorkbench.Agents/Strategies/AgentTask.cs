using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>What an agent is asked.</summary>
/// <param name="Prompt">The question, then whatever else the agents of the stage share; the agent's role text follows it.</param>
public sealed record AgentTask(string Prompt)
{
    /// <summary>Whether the run's images go with the question.</summary>
    public bool WithImages { get; init; } = true;

    /// <summary>Results the question (or that it is asked at all) rests on; they lengthen the critical path.</summary>
    public ImmutableArray<AgentResult> After { get; init; } = [];

    /// <summary>The stage it belongs to, from 1.</summary>
    public int Stage { get; init; } = 1;

    /// <summary>What it is there for; only a member's answer counts in votes.</summary>
    public AgentRole Role { get; init; }

    /// <summary>Index of the team's agent it works as; null for the lead.</summary>
    public int? Member { get; init; }

    /// <summary>Said after the role; null for nothing.</summary>
    public string? Closing { get; init; }

    /// <summary>Tokens of a confidence group, where confidence is to be measured; null where not.</summary>
    public int? GroupTokens { get; init; }

    /// <summary>Called after each piece of text, on the thread that reads it.</summary>
    public Action<TeamAgent>? OnProgress { get; init; }
}

/// <summary>Who does what.</summary>
internal sealed record AgentAssignment(TeamAgent Agent, AgentSpec Spec, AgentTask Task)
{
    public int Index => Agent.Index;
}
