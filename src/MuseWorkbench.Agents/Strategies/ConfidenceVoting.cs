using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// DeepConf (Fu et al., 2025, arXiv:2508.15260): a vote weighs as much as its agent was sure of its tokens, and the least
/// sure don't vote. With warm-up agents, later ones are stopped as soon as a group of their tokens is less sure than the
/// warm-up allows, and the vote ends once the leader holds enough of the weight.
/// </summary>
internal sealed class ConfidenceVoting : IStrategy
{
    public const string StrategyName = "confidence-voting";

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Confidence-weighted voting",
        Summary = "Surer agents weigh more; weak ones are stopped while they think.",
        Cost = "N·L tokens at most, less by what is stopped; twice a single agent's time with warm-up.",
        MinAgents = 2,
        Options = [StrategyOptionList.Measure, StrategyOptionList.WarmUp, StrategyOptionList.KeepShare, StrategyOptionList.Threshold, StrategyOptionList.GroupTokens, StrategyOptionList.TieBreak],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var warmUp = (int)StrategyOptionList.WarmUp.Of(team.Options);
        return [PlannedStage.Members(team) with { Waves = warmUp > 0 && warmUp < team.Agents.Length ? 2 : 1 }];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var warmUp = team.GetInt(StrategyOptionList.WarmUp) is > 0 and var wanted ? Math.Min(wanted, team.Size) : team.Size;
        var task = team.Question with { GroupTokens = team.GetInt(StrategyOptionList.GroupTokens) };
        var vote = new ConfidenceVote(team);
        await CollectAsync([.. Enumerable.Range(0, warmUp).Select(m => team.SpawnMember(m, task))], () => false);
        if (warmUp == team.Size || team.IsStopped)
            return vote.Decide();
        vote.EndWarmUp();
        var notStarted = vote.IsDecided ? team.Size - warmUp : 0;
        List<TeamAgent> running = [];
        if (notStarted == 0)
        {
            var later = task with { After = vote.Results, OnProgress = vote.StopIfWeak };
            running = await CollectAsync([.. Enumerable.Range(warmUp, team.Size - warmUp).Select(m => team.SpawnMember(m, later))], () => vote.IsDecided);
        }
        if (team.IsStopped)
            return vote.Decide();
        var (spared, last) = await Voting.SpareAsync(running, notStarted, vote.Results, EarlyStopReason.Decided);
        foreach (var result in last)
            vote.Add(result);
        return vote.Decide() with { EarlyStop = vote.WithKilled(spared) };

        async Task<List<TeamAgent>> CollectAsync(List<TeamAgent> agents, Func<bool> isOver)
        {
            while (agents.Count > 0 && !isOver())
            {
                var result = await await Task.WhenAny(agents.Select(a => a.Completion));
                agents.RemoveAll(a => a.Index == result.Index);
                vote.Add(result);
                vote.Report();
            }
            return agents;
        }
    }
}
