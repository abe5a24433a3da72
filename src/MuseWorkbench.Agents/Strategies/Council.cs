using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// A council (after Karpathy's llm-council): all answer, all rank the answers without knowing whose they are, and a
/// chair who sees answers and mean ranks concludes. Without a readable chair the best mean rank wins.
/// </summary>
internal sealed class Council : IStrategy
{
    public const string StrategyName = "council";

    private const string RankInstruction = """
        Rank the answers above from best to worst by how well they fit the image and the question; you are not told who wrote which. Look at the image yourself first.
        End with exactly one line that names every letter once:
        RANKING: best > … > worst
        """;

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Council",
        Summary = "All answer, all rank the answers without names, a chair concludes.",
        Cost = "2·N·L tokens and one more call; every ranking reads all answers, so N² answers are read.",
        MinAgents = 2, Lead = AgentRole.Chair,
        Options = [StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team)
    {
        var context = (int)StrategyOptionList.ContextTokens.Of(team.Options);
        return
        [
            PlannedStage.Members(team), PlannedStage.Members(team, 2, context, AgentRole.Ranker), PlannedStage.Lead(team, 3, AgentRole.Chair, context),
        ];
    }

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var results = await team.VoteAsync(team.SpawnAll());
        var tally = VoteTally.Of(results);
        ImmutableArray<AgentResult> answers = [.. results.Where(r => r.Votes)];
        if (answers.Length == 0 || team.IsStopped)
            return tally.Decide();
        var ranked = await RankAsync(team, answers, results);
        if (team.IsStopped)
            return tally.Decide();
        var context = $"{CandidateText.Of(team, [.. ranked.Order.Select(i => answers[i])])}\n\n{ranked.Describe()}\n\n{CandidateText.Histogram(tally.Options)}";
        var chair = await team.AskLeadAsync(team.Follow(context, "You chair the council. " + Synthesis.Instruction, 3, AgentRole.Chair, [.. results, .. ranked.Rankers]));
        var final = tally.Conclude(chair);
        if (final.Verdict is not { Relation: VerdictRelation.None } verdict || ranked.Readable == 0)
            return final;
        var best = answers[ranked.Order[0]];
        return final with
        {
            Outcome = FinalOutcome.Judged,
            Answer = VoteTally.Show(best),
            Agreement = tally.ShareOf(final.Options.First(o => o.Normalised == best.NormalisedAnswer)),
            // What the chair wrote counts after all where the ranking says the same.
            Verdict = verdict.Unheeded is { } written && AnswerNormaliser.Normalise(written, []) == best.NormalisedAnswer ? verdict with { Unheeded = null } : verdict,
        };
    }

    // Each ranker reads another order, so that a liking for places cancels out; that costs the shared prefix.
    private static async Task<CouncilRanking> RankAsync(AgentTeam team, ImmutableArray<AgentResult> answers, ImmutableArray<AgentResult> after)
    {
        var orders = Enumerable.Range(0, team.Size).Select(ranker =>
        {
            var order = Enumerable.Range(0, answers.Length).ToArray();
            team.Randomness(use: 100 + ranker).Shuffle(order);
            return order;
        }).ToArray();
        var rankers = team.Request.Team.Agents.Select((spec, member) => team.Spawn(spec, team.Follow(
            CandidateText.Of(team, [.. orders[member].Select(i => answers[i])], CandidateText.Letter),
            RankInstruction, 2, AgentRole.Ranker, after) with { Member = member })).ToArray();
        var replies = await Task.WhenAll(rankers.Select(r => r.Completion));
        var ranking = new CouncilRanking(answers.Length, [.. replies]);
        for (var ranker = 0; ranker < replies.Length; ranker++)
        {
            if (replies[ranker].Outcome == AgentOutcome.Answered && LeadReply.Of(replies[ranker]).Ranking(answers.Length) is { } places)
                ranking.Add([.. places.Select(place => orders[ranker][place])]);
        }
        return ranking;
    }
}
