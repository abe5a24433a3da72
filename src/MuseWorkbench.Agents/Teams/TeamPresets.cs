using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Teams;

/// <summary>A team to start from, for each strategy.</summary>
public static class TeamPresets
{
    /// <summary>Reading grows with the square of the team where all read all.</summary>
    private const int Usual = 8, WhereAllReadAll = 4;

    public static ImmutableArray<TeamSpec> All(StrategyCatalogue strategies)
    {
        ArgumentNullException.ThrowIfNull(strategies);
        return [.. strategies.All.Select(For)];
    }

    /// <summary>The preset of a strategy.</summary>
    public static TeamSpec For(IStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        var info = strategy.Info;
        var usual = strategy.Name is Council.StrategyName or Debate.StrategyName or MixtureOfAgents.StrategyName ? WhereAllReadAll : Usual;
        return new TeamSpec
        {
            Name = info.Title, Strategy = strategy.Name,
            Agents = [.. Enumerable.Range(1, Math.Clamp(usual, info.MinAgents, info.MaxAgents)).Select(Agent)],
        };
    }

    /// <summary>An agent with the usual sampling.</summary>
    public static AgentSpec Agent(int number) => new() { Name = string.Create(CultureInfo.InvariantCulture, $"Agent {number}") };
}
