using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// All agents answer the same question on their own; the answer given most often wins (Wang et al., 2022,
/// arXiv:2203.11171). An agent that fails or is stopped casts no vote.
/// </summary>
internal sealed class SelfConsistency : IStrategy
{
    public const string StrategyName = "self-consistency";

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Self-consistency", Summary = "All answer on their own; the most frequent answer wins.", Cost = "N·L tokens, as slow as the slowest agent.",
        Options = [StrategyOptionList.TieBreak],
    };

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken) =>
        VoteTally.Of(await team.VoteAsync(team.SpawnAll())).DecideFor(team);
}
