using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class RunViewModelTests
{
    [Fact]
    public void Apply_WholeRun_EachAgentEndsWithItsOwnText()
    {
        var script = new RunScript(2);
        script.Add(new AgentQueued { Agent = 0 }).Add(new AgentQueued { Agent = 1 });
        script.Think(0, "I see ").Think(1, "An egg").Think(0, "grapes", 2).Answer(0, "3");

        var (first, second) = (script.View.Agents[0], script.View.Agents[1]);

        Assert.Equal("I see grapes", first.Reasoning.ToString());
        Assert.Equal("3", first.Answer.ToString());
        Assert.Equal(AgentPhase.Done, first.Phase);
        Assert.Equal("An egg", second.Reasoning.ToString());
        Assert.Equal(AgentPhase.Thinking, second.Phase);
        Assert.Equal(214, first.TimeToFirstTokenMs);
    }

    [Fact]
    public void Apply_EventSeenTwice_CountsOnce()
    {
        var script = new RunScript(1).Think(0, "once");

        foreach (var e in script.Events)
        {
            script.View.Apply(e);
        }

        Assert.Equal("once", script.View.Agents[0].Reasoning.ToString());
    }

    [Fact]
    public void Apply_OneAgentsText_LeavesTheOthersVersion()
    {
        var script = new RunScript(2);
        var before = script.View.Agents[1].Version;

        script.Think(0, "text");

        Assert.Equal(before, script.View.Agents[1].Version);
        Assert.NotEqual(0, script.View.Agents[0].Version);
    }

    [Fact]
    public void Apply_AgentOutsideTheTeam_IsIgnored()
    {
        var script = new RunScript(1).Think(7, "nobody");

        Assert.True(script.View.Agents[0].Reasoning.IsEmpty);
    }

    [Fact]
    public void Apply_ToolCall_StandsWhereItHappened()
    {
        var script = new RunScript(1).Think(0, "Adding. ");
        script.Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "calculator", Arguments = "{}" });
        Assert.Equal(AgentPhase.Tool, script.View.Agents[0].Phase);
        script.Add(new ToolReturned { Agent = 0, CallId = "c", Result = "200" }).Think(0, "So 200.");

        Assert.Collection(
            script.View.Agents[0].Reasoning.Items,
            item => Assert.Equal("Adding. ", Assert.IsType<TextItem>(item).Text),
            item => Assert.Equal("200", Assert.IsType<CallItem>(item).Result),
            item => Assert.Equal("So 200.", Assert.IsType<TextItem>(item).Text));
        Assert.NotNull(Assert.Single(script.View.Agents[0].Phases, span => span.Phase == AgentPhase.Tool).To);
    }

    [Fact]
    public void Apply_RunStopped_EndsAgentsThatHadNoLastWord()
    {
        var script = new RunScript(2).Answer(0, "3").Finish(RunOutcome.Stopped);

        Assert.Equal(AgentPhase.Done, script.View.Agents[0].Phase);
        Assert.Equal(AgentPhase.Stopped, script.View.Agents[1].Phase);
        Assert.False(script.View.IsRunning);
    }

    [Fact]
    public void TakeAnnouncements_TokensAndAnswers_SaysStatesOnly()
    {
        var script = new RunScript(2);
        script.View.TakeAnnouncements();

        script.Think(0, "secret thoughts").Answer(0, "2").Fail(1, "The engine went away.");

        Assert.Equal(["Agent 1 answered 2.", "Agent 2 failed: The engine went away."], script.View.TakeAnnouncements());
        Assert.Empty(script.View.TakeAnnouncements());
    }

    [Fact]
    public void Clusters_SameThingSeenTwice_IsOneWithBothAgents()
    {
        var script = new RunScript(3);
        foreach (var agent in Enumerable.Range(0, 3))
        {
            script.Think(agent, "egg and grapes");
        }

        script.See(0, 1, "egg", 0, 0.10).See(1, 1, "egg", 0, 0.12).See(2, 1, "egg", 0, 0.6).See(2, 2, "grapes", 8, 0.11);

        Assert.Equal(3, script.View.Clusters.All.Count);
        Assert.Equal("0-1 1-1", script.View.Clusters.All[0].MemberKeys);
        Assert.Equal(0.11, script.View.Clusters.All[0].Box.X0, 3);
    }

    [Fact]
    public void Clusters_OneAgentSeesTwoAtOnePlace_StayTwo()
    {
        var script = new RunScript(1).Think(0, "egg egg");

        script.See(0, 1, "egg", 0).See(0, 2, "egg", 4);

        Assert.Equal(2, script.View.Clusters.All.Count);
    }

    [Fact]
    public void Timeline_RunUnderWay_LanesLieWithinTheAxisInOrder()
    {
        var script = new RunScript(2);
        script.Add(new AgentQueued { Agent = 0 }).Add(new AgentPrefilling { Agent = 0, Total = 95, Cached = 88, Processed = 95 }).Think(0, "a").Think(0, "b").Answer(0, "3").Think(1, "late");

        var model = TimelineModel.From(script.View);

        Assert.Equal(["q", "p", "t", "a"], model.Lanes[0].Parts.Select(part => part.Kind));
        Assert.All(model.Lanes.SelectMany(lane => lane.Parts), part => Assert.InRange(part.To, part.From, 1));
        Assert.Contains("88 of 95 tokens shared", model.Lanes[0].Text, StringComparison.Ordinal);
    }
}
