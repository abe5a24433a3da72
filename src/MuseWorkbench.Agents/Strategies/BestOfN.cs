using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// All answer on their own; a judge who sees the image again names the best answer. The order shown is shuffled, since
/// judges favour places. Where the judge's choice can't be read, the vote stands.
/// </summary>
internal sealed class BestOfN : IStrategy
{
    public const string StrategyName = "best-of-n";

    private const string Instruction = """
        You are the judge. Look at the image and the question yourself first, then check each answer above against what you see. The order of the answers means nothing. Choose the one that is most likely right; do not write an answer of your own.
        End with exactly these two lines:
        REASON: why, in one sentence
        BEST: the number of the answer
        """;

    public string Name => StrategyName;

    public StrategyInfo Info => new()
    {
        Title = "Best of N",
        Summary = "All answer on their own; a judge chooses one answer.",
        Cost = "N·L tokens and one more call that reads all answers.",
        MinAgents = 2, Lead = AgentRole.Judge,
        Options = [StrategyOptionList.ContextTokens, StrategyOptionList.ShareReasoning],
    };

    public ImmutableArray<PlannedStage> Plan(TeamSpec team) =>
        [PlannedStage.Members(team), PlannedStage.Lead(team, 2, AgentRole.Judge, (int)StrategyOptionList.ContextTokens.Of(team.Options))];

    public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
    {
        var results = await team.VoteAsync(team.SpawnAll());
        var tally = VoteTally.Of(results);
        var shown = results.Shuffled(team, use: 1);
        if (shown.Length == 0 || team.IsStopped)
            return tally.Decide();
        var judge = await team.AskLeadAsync(team.Follow(CandidateText.Of(team, shown), Instruction, stage: 2, AgentRole.Judge, results));
        var reply = LeadReply.Of(judge);
        var vote = tally.Decide();
        if (judge.Outcome != AgentOutcome.Answered || reply.Choice(shown.Length) is not { } choice)
            return vote with { Verdict = new Verdict(judge.Index, VerdictRelation.None) { Reason = judge.Error ?? reply.Reason } };
        var chosen = shown[choice];
        return vote with
        {
            Outcome = FinalOutcome.Judged,
            Answer = VoteTally.Show(chosen),
            Agreement = tally.ShareOf(vote.Options.First(o => o.Normalised == chosen.NormalisedAnswer)),
            Verdict = new Verdict(judge.Index, vote.Outcome == FinalOutcome.Tie ? VerdictRelation.Decides
                : vote.Options[0].Normalised == chosen.NormalisedAnswer ? VerdictRelation.Agrees : VerdictRelation.Overrides)
            { Reason = reply.Reason },
        };
    }
}
