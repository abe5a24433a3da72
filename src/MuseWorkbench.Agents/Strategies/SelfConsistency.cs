using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// All agents answer the same question on their own; the answer given most often wins (Wang et al., 2022,
/// arXiv:2203.11171). An agent that fails or is stopped casts no vote; a tie is reported as one.
/// </summary>
internal sealed class SelfConsistency : IStrategy
{
    public const string StrategyName = "self-consistency";

    public string Name => StrategyName;

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var agents = team.SpawnAll();
        var tally = new VoteTally();
        var open = agents.Length;
        await foreach (var finished in Task.WhenEach(agents.Select(a => a.Completion)))
        {
            tally.Add(await finished);
            team.ReportVote(new VoteChanged { Options = tally.Options, Open = --open });
        }
        return tally.Decide();
    }
}
