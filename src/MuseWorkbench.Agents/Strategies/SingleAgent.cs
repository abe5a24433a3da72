using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>One agent answers; what every other strategy is measured against.</summary>
internal sealed class SingleAgent : IStrategy
{
    public const string StrategyName = "single";

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Single agent", Summary = "One agent answers.", Cost = "L tokens, one after another.", MaxAgents = 1,
    };

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken) =>
        VoteTally.Of(await team.VoteAsync([team.SpawnMember(0)])).Decide();
}
