using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Scoring;

public class ScoredRunTests
{
    private static readonly Region s_left = new("egg", 0, 0, 0.5, 0.5), s_right = new("egg", 0.5, 0.5, 1, 1);

    [Fact]
    public void From_Events_ChannelsPutTogether()
    {
        var run = new RunBuilder(2).Start(0).Start(1).Think(0, "I see ").Say(1, "4").Think(0, "eggs").Say(0, "wait").Call(0, "calculator", "{}", "3").Say(0, "3")
            .Finish(1, "4").Finish(0, "3").End("3").Build();
        Assert.Equal(("I see eggs", "3"), (run.Agents[0].Reasoning, run.Agents[0].Answer));
        Assert.Equal(new ScoredToolCall("calculator", "{}", "3", false), Assert.Single(run.Agents[0].ToolCalls));
        Assert.Equal("3", run.Answer);
        Assert.Null(run.Problem);
    }

    [Fact]
    public void From_ResumedRun_RestartedAgentsBeginAnew()
    {
        var run = new RunBuilder(2).Start(0).Start(1).Think(0, "lost").Say(1, "kept").Finish(1, "kept")
            .Add(new RunFinished { Outcome = RunOutcome.Interrupted, WallClockMs = 1, TotalTokens = 1, CriticalPathTokens = 1 })
            .Add(new RunResumed { Agents = [0] }).Start(0).Think(0, "new").Finish(0, "kept").End("kept").Build();
        Assert.Equal(["new", ""], run.Agents.Select(agent => agent.Reasoning));
        Assert.Equal("kept", run.Agents[1].Answer);
        Assert.Null(run.Problem);
    }

    [Fact]
    public void From_ResumedRun_AgentsThatWentOnKeepWhatTheyHadSaid()
    {
        var run = new RunBuilder().Start(0).Think(0, "I see ").See(0, s_left)
            .Add(new RunFinished { Outcome = RunOutcome.Interrupted, WallClockMs = 1, TotalTokens = 1, CriticalPathTokens = 1 })
            .Add(new RunResumed { Agents = [], Continued = [0] }).Think(0, "an egg").Finish(0, "1").End("1").Build();
        Assert.Equal("I see an egg", Assert.Single(run.Agents).Reasoning);
        Assert.Single(run.Agents[0].Regions);
    }

    [Fact]
    public void From_WithoutStart_Refused() => Assert.Throws<ArgumentException>(() => ScoredRun.From([new AgentQueued { Agent = 0 }]));

    [Fact]
    public void Author_Vote_FirstOfTheWinners()
    {
        var run = new RunBuilder(3).Start(0).Start(1).Start(2).See(1, s_left).See(2, s_right).Finish(0, "4").Finish(2, "3").Finish(1, "3")
            .End("3", final: FinalOutcome.Majority, by: [2, 1]).Build();
        Assert.Equal(2, run.Author!.Index);
        Assert.Equal(s_right, Assert.Single(run.Author.Places));
    }

    [Fact]
    public void Author_Synthesised_TheLead()
    {
        var run = new RunBuilder().Start(0).Start(1, AgentRole.Synthesiser).Finish(0, "4").Finish(1, "3")
            .End("3", final: FinalOutcome.Synthesised, verdict: new Verdict(1, VerdictRelation.Overrides)).Build();
        Assert.Equal(1, run.Author!.Index);
    }

    [Fact]
    public void Author_Tie_Nobody() => Assert.Null(new RunBuilder(2).Start(0).Start(1).End("3 | 4", final: FinalOutcome.Tie).Build().Author);

    [Fact]
    public void Places_AnswerNamesSome_ReasoningsDoNotCount()
    {
        var both = new RunBuilder().Start(0).See(0, s_left, TextChannel.Reasoning).See(0, s_right).Finish(0, "x").End("x").Build();
        Assert.Equal([s_right], both.Author!.Places.AsEnumerable());
        var thought = new RunBuilder().Start(0).See(0, s_left, TextChannel.Reasoning).Finish(0, "x").End("x").Build();
        Assert.Equal([s_left], thought.Author!.Places.AsEnumerable());
    }
}
