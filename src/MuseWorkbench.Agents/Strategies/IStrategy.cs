using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>A way for a team to reach one answer. Registered by name; one instance serves all runs, so it keeps no state.</summary>
public interface IStrategy
{
    /// <summary>The name teams ask for it by, such as <c>self-consistency</c>.</summary>
    string Name { get; }

    /// <summary>What it does and takes.</summary>
    StrategyInfo Info => new() { Title = Name, Summary = "", Cost = "" };

    /// <summary>The calls it makes at most for a team, stage by stage.</summary>
    ImmutableArray<PlannedStage> Plan(TeamSpec team) => [PlannedStage.Members(team)];

    /// <summary>
    /// Works through a run: spawns agents, watches, stops and asks them, reports votes, and returns the final answer.
    /// Whatever agents do is written by them; a stopped run needs no care, since its agents end as stopped.
    /// </summary>
    Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken);
}
