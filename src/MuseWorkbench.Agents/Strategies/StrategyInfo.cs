using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>A strategy in words, and what it takes.</summary>
public sealed record StrategyInfo
{
    /// <summary>Its name for readers.</summary>
    public required string Title { get; init; }

    /// <summary>What it does, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>What it costs, in one line; N is the number of agents, L the length of an answer.</summary>
    public required string Cost { get; init; }

    public int MinAgents { get; init; } = TeamSpec.MinAgents;
    public int MaxAgents { get; init; } = TeamSpec.MaxAgents;

    /// <summary>What its lead does; null where it has none.</summary>
    public AgentRole? Lead { get; init; }

    /// <summary>The options it takes, in the order they are shown.</summary>
    public ImmutableArray<StrategyOption> Options { get; init; } = [];

    /// <summary>What is wrong with the team for this strategy, in words; null where nothing is.</summary>
    public string? Fault(TeamSpec team)
    {
        ArgumentNullException.ThrowIfNull(team);
        if (team.Agents.Length < MinAgents)
            return $"{Title} needs at least {MinAgents} agents; the team has {team.Agents.Length}.";
        if (team.Agents.Length > MaxAgents)
            return $"{Title} takes {(MaxAgents == 1 ? "one agent" : $"at most {MaxAgents} agents")}; the team has {team.Agents.Length}.";
        if (team.Options is not { } options)
            return null;
        var taken = Options.Select(o => o.Name).ToHashSet();
        return StrategyOptionList.All.FirstOrDefault(o => o.IsSet(options) && !taken.Contains(o.Name)) is { } foreign
            ? $"{Title} takes no option \"{foreign.Name}\"."
            : Options.Select(o => o.Fault(options)).FirstOrDefault(fault => fault is not null);
    }
}

/// <summary>One stage of a strategy, as planned: the most it can come to.</summary>
/// <param name="Stage">From 1.</param>
/// <param name="Role">What its agents are there for.</param>
/// <param name="Budgets">Each call's token budget.</param>
/// <param name="ContextTokens">Most tokens of others' work each call reads.</param>
public sealed record PlannedStage(int Stage, AgentRole Role, ImmutableArray<int> Budgets, int ContextTokens = 0)
{
    /// <summary>Calls that may have to follow one another within the stage.</summary>
    public int Waves { get; init; } = 1;

    /// <summary>Every agent of the team once.</summary>
    public static PlannedStage Members(TeamSpec team, int stage = 1, int contextTokens = 0, AgentRole role = AgentRole.Member) =>
        new(stage, role, [.. team.Agents.Select(agent => agent.MaxTokens)], contextTokens);

    /// <summary>The lead once.</summary>
    public static PlannedStage Lead(TeamSpec team, int stage, AgentRole role, int contextTokens) =>
        new(stage, role, [team.LeadOrDefault.MaxTokens], contextTokens);
}
