using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Self-consistency that asks only as many agents as its stop rule needs: it starts the fewest that could satisfy the
/// rule (or a fixed number at once), starts more while they disagree, and stops those still running once it is satisfied.
/// </summary>
internal sealed class AdaptiveSelfConsistency : IStrategy
{
    public const string StrategyName = "adaptive-self-consistency";

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Adaptive self-consistency",
        Summary = "A vote that ends as soon as more agents would not change it.",
        Cost = "N·L tokens at most, about half where agents agree; slower than a full vote where they don't.",
        MinAgents = 2,
        Options = [StrategyOptionList.StopRule, StrategyOptionList.Threshold, StrategyOptionList.Window, StrategyOptionList.TieBreak],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var agents = team.Agents.Length;
        var rule = VoteStopRule.Of(team.Options);
        var atOnce = rule is VoteStopRule.WindowRule window ? window.Size : (int)StrategyOptionList.Window.Of(team.Options);
        // Left to the rule, those after the first batch may have to wait for one another.
        return [PlannedStage.Members(team) with { Waves = atOnce > 0 ? (agents + atOnce - 1) / atOnce : 1 + agents - rule.Needed(new VoteTally(), agents) }];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var rule = VoteStopRule.Of(team.Request.Team.Options);
        var tally = new VoteTally();
        List<AgentResult> ended = [];
        List<TeamAgent> running = [];
        var next = 0;
        var over = false;
        while (!over)
        {
            for (var more = Wanted(); more > 0; more--)
                running.Add(team.SpawnMember(next++, team.Question with { After = [.. ended] }));
            if (running.Count == 0)
                break;
            var result = await await Task.WhenAny(running.Select(a => a.Completion));
            running.RemoveAll(a => a.Index == result.Index);
            ended.Add(result);
            tally.Add(result);
            team.ReportVote(new VoteChanged { Options = tally.Options, Open = team.Size - ended.Count });
            over = rule.IsOver(tally, ended, running.Count, team.Size - ended.Count) || team.IsStopped;
        }
        if (team.IsStopped)
            return tally.Decide();
        var (spared, last) = await Voting.SpareAsync(running, team.Size - next, ended, EarlyStopReason.Decided);
        foreach (var result in last)
            tally.Add(result);
        return tally.DecideFor(team) with { EarlyStop = spared };

        int Wanted()
        {
            var left = team.Size - ended.Count;
            var wanted = team.GetInt(StrategyOptionList.Window) is > 0 and var fixedNumber && rule is not VoteStopRule.WindowRule
                ? fixedNumber
                : rule is VoteStopRule.WindowRule && running.Count > 0 ? 0 : rule.Needed(tally, left);
            return Math.Clamp(wanted - running.Count, 0, team.Size - next);
        }
    }
}
