using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Panels;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>Agents a strategy adds after the team's first answers.</summary>
public sealed class StageTests : WorkbenchBunit
{
    [Fact]
    public void Apply_LaterAgents_WorkAsTheirMemberOrTheLead()
    {
        var view = new RunScript(2).Start(0, "Agent 1", 1, member: 0).Start(3, "Judge", 3, AgentRole.Judge).Start(2, "Agent 2", 2, member: 1).View;

        Assert.Equal(4, view.Agents.Length);
        Assert.Equal(["1", "2", "2", "★"], view.Agents.Select(agent => agent.Number));
        Assert.Equal(view.Agents[1].Colour, view.Agents[2].Colour);
        Assert.Equal("aglead", view.Agents[3].Colour);
        Assert.Equal("Agent 2", view.Agents[2].Spec.Name);
        Assert.Equal(3, view.Stages);
    }

    [Fact]
    public void Apply_AgentFarBeyondAnyTeam_IsIgnored()
    {
        var view = new RunScript(2).Start(5_000_000, "Agent", 1).View;

        Assert.Equal(2, view.Agents.Length);
    }

    [Fact]
    public void CriticalPath_WhileRunning_LongestOfEachStage()
    {
        var view = new RunScript(2).Think(0, "a", 10).Think(1, "b", 30).Start(2, "Judge", 2, AgentRole.Judge).Think(2, "c", 5).View;

        Assert.Equal(35, view.CriticalPathTokens);
    }

    [Fact]
    public void Grid_SecondStage_GroupsPanelsNewestFirst()
    {
        var script = new RunScript(3).Answer(0, "3").Answer(1, "3").Answer(2, "4").Start(3, "Judge", 2, AgentRole.Judge);

        var grid = Render<PanelGrid>(p => p.Add(x => x.Run, script.View));

        Assert.Equal(["Judge", "First answers"], grid.FindAll(".stage h3 b").Select(name => name.TextContent));
        Assert.Equal([1, 3], grid.FindAll(".stage").Select(stage => stage.QuerySelectorAll("article.panel").Length));
        Assert.Contains("stage 1 of 2 · done", grid.FindAll(".stage h3")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_StoppedEarly_SaysWhy()
    {
        var script = new RunScript(2).Start(1, "Agent 2", 1, member: 1)
            .Add(new AgentStoppedEarly { Agent = 1, Reason = EarlyStopReason.LowConfidence, EstimatedTokensSaved = 40 }).EndWithout(1, AgentOutcome.Stopped);

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[1]));

        Assert.Equal("unsure", panel.Find(".chip").TextContent);
        Assert.Contains("about 40 tokens saved", panel.Find(".chip").GetAttribute("data-tip"), StringComparison.Ordinal);
    }
}
