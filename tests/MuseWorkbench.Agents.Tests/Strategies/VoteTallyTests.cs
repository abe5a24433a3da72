using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class VoteTallyTests
{
    [Theory]
    [InlineData("", FinalOutcome.NoAnswer, "", 0)]
    [InlineData("3", FinalOutcome.Single, "3", 1)]
    [InlineData("3 3 3", FinalOutcome.Unanimous, "3", 1)]
    [InlineData("3 4 4 -", FinalOutcome.Majority, "4", 2 / 3.0)]
    [InlineData("3 4 5 4 3", FinalOutcome.Tie, "3 | 4", 2 / 5.0)]
    [InlineData("3 4", FinalOutcome.Tie, "3 | 4", 1 / 2.0)]
    [InlineData("- - 3", FinalOutcome.Single, "3", 1)]
    public void Decide_Votes_Outcome(string votes, FinalOutcome outcome, string answer, double agreement)
    {
        var final = TallyOf(votes).Decide();

        Assert.Equal((outcome, answer), (final.Outcome, final.Answer));
        Assert.Equal(agreement, final.Agreement, 1e-9);
    }

    [Theory]
    [InlineData("3 4 5 4 3", FinalOutcome.CastingVote, "3", 2 / 5.0)]
    [InlineData("5 4 3 4 3", FinalOutcome.CastingVote, "4", 2 / 5.0)]
    [InlineData("3 4 4", FinalOutcome.Majority, "4", 2 / 3.0)]
    [InlineData("3 3", FinalOutcome.Unanimous, "3", 1)]
    [InlineData("", FinalOutcome.NoAnswer, "", 0)]
    public void Decide_FirstAgentBreaksTies_OneAnswer(string votes, FinalOutcome outcome, string answer, double agreement)
    {
        var final = TallyOf(votes).Decide(TieBreak.FirstAgent);

        Assert.Equal((outcome, answer), (final.Outcome, final.Answer));
        Assert.Equal(agreement, final.Agreement, 1e-9);
    }

    [Fact]
    public void Decide_FirstAgentAnswersLast_ItsVoteStillDecides()
    {
        var tally = new VoteTally();
        tally.Add(Result(2, "4"));
        tally.Add(Result(1, "4"));
        tally.Add(Result(3, "3"));
        tally.Add(Result(0, "3"));

        Assert.Equal("3", tally.Decide(TieBreak.FirstAgent).Answer);
    }

    [Fact]
    public void Decide_EqualWeights_FirstAgentDecides()
    {
        var tally = new VoteTally();
        tally.Add(Result(0, "3"), 0.3);
        tally.Add(Result(1, "4"), 0.1 + 0.2);

        var final = tally.Decide(TieBreak.FirstAgent);
        Assert.Equal((FinalOutcome.CastingVote, "3"), (final.Outcome, final.Answer));
    }

    [Fact]
    public void Options_EqualVotes_EarliestFirst() =>
        Assert.Equal(["4", "5", "3"], TallyOf("5 4 3 4").Options.Select(o => o.Answer));

    private static VoteTally TallyOf(string votes)
    {
        var tally = new VoteTally();
        var index = 0;
        foreach (var vote in votes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            tally.Add(Result(index++, vote == "-" ? "" : vote));
        }
        return tally;
    }

    private static AgentResult Result(int agent, string answer) => new(agent, AgentOutcome.Answered, answer, answer, [], new TokenUsage(0, 0, 1), 1);
}
