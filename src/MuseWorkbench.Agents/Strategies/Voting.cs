using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>What strategies share: a stage of agents and the vote among them.</summary>
internal static class Voting
{
    /// <summary>Waits for a stage's agents and reports the vote after each; results come in the agents' order.</summary>
    public static async Task<ImmutableArray<AgentResult>> VoteAsync(this AgentTeam team, ImmutableArray<TeamAgent> agents)
    {
        var tally = new VoteTally();
        var open = agents.Length;
        await foreach (var finished in Task.WhenEach(agents.Select(a => a.Completion)))
        {
            tally.Add(await finished);
            team.ReportVote(new VoteChanged { Options = tally.Options, Open = --open });
        }
        return [.. await Task.WhenAll(agents.Select(a => a.Completion))];
    }

    /// <summary>The outcome of a team's vote, ties broken as it wants them. One that was stopped has not decided: its ties stay open.</summary>
    public static FinalAnswer DecideFor(this VoteTally tally, AgentTeam team) =>
        tally.Decide(team.IsStopped ? TieBreak.Open : (TieBreak)team.GetInt(StrategyOptionList.TieBreak));

    /// <summary>
    /// Stops agents that are no longer needed and reckons what that saves: for each the mean length of those that ran to
    /// their end, less what it had said. Null where there was nothing left to spare.
    /// </summary>
    /// <returns>What was saved, and how the agents ended: one may have answered in the meantime.</returns>
    public static async Task<(EarlyStop? Stop, AgentResult[] Ended)> SpareAsync(
        IReadOnlyCollection<TeamAgent> running, int notStarted, IEnumerable<AgentResult> ended, EarlyStopReason reason)
    {
        var expected = ExpectedTokens(ended);
        foreach (var agent in running)
            agent.StopEarly(reason, expected);
        var last = await Task.WhenAll(running.Select(a => a.Completion));
        var stopped = last.Count(r => r.Outcome == AgentOutcome.Stopped);
        var saved = last.Sum(r => r.EstimatedTokensSaved) + (notStarted * expected);
        return (stopped + notStarted == 0 ? null : new EarlyStop(reason, stopped, notStarted, saved), last);
    }

    /// <summary>How long an agent becomes, judged by those that ran to their end; 0 where none did.</summary>
    public static int ExpectedTokens(IEnumerable<AgentResult> ended)
    {
        var lengths = ended.Where(r => r.RanToItsEnd).Select(r => r.Usage.GeneratedTokens).ToArray();
        return lengths.Length == 0 ? 0 : (int)Math.Round(lengths.Average());
    }

    /// <summary>
    /// The lead's answer as the run's, beside the vote it was given. The vote stands where the lead said nothing, and where
    /// it ignored the form it was to answer in: then its words count only if they are the answer that leads anyway. What agents
    /// agree on is overruled on purpose, for a reason that is given, or not at all: another answer without either does not count.
    /// </summary>
    /// <param name="inForm">Whether it was told to answer in fields.</param>
    public static FinalAnswer Conclude(this VoteTally tally, AgentResult lead, bool inForm = true)
    {
        var vote = tally.Decide();
        var reply = LeadReply.Of(lead);
        var normalised = AnswerNormaliser.Normalise(reply.Answer, reply.IsWhole ? lead.Regions : []);
        var known = vote.Options.FirstOrDefault(o => o.Normalised == normalised);
        if (lead.Outcome != AgentOutcome.Answered || normalised.Length == 0 || (inForm && reply.IsWhole && known is null))
            return vote with { Verdict = new Verdict(lead.Index, VerdictRelation.None) { Reason = lead.Error ?? reply.Reason } };
        var answer = reply.Answer.Length > 0 ? reply.Answer : normalised;
        var leader = vote.Outcome is FinalOutcome.Tie or FinalOutcome.NoAnswer ? null : vote.Options[0];
        var relation = leader is null ? VerdictRelation.Decides
            : leader.Normalised == normalised || reply.Claim == VerdictRelation.Agrees ? VerdictRelation.Agrees
            : inForm && reply is not { Claim: VerdictRelation.Overrides, Reason: not null } ? VerdictRelation.None
            : VerdictRelation.Overrides;
        var unheeded = leader is not null && leader.Normalised != normalised && relation != VerdictRelation.Overrides;
        var verdict = new Verdict(lead.Index, relation) { Claimed = reply.Claim, Reason = reply.Reason, Unheeded = unheeded ? answer : null };
        return relation == VerdictRelation.None ? vote with { Verdict = verdict } : vote with
        {
            Outcome = FinalOutcome.Synthesised,
            Answer = unheeded ? leader!.Answer : answer,
            Agreement = tally.ShareOf(unheeded ? leader : known),
            Verdict = verdict,
        };
    }
}
