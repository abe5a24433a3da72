using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Panels;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class AgentPanelTests : WorkbenchBunit
{
    [Fact]
    public void Panel_WordsNameARegion_CarryItsKeyAndTheAgentsColour()
    {
        var script = new RunScript(3).Think(2, "I see grapes here").See(2, 1, "grapes", 6);

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[2]));

        var words = panel.Find("[data-region='2-1']");
        Assert.Equal("grapes", words.TextContent);
        Assert.Contains("ag3", words.ClassList);
        Assert.Equal("I see grapes here", panel.Find(".think").TextContent.Trim());
    }

    [Fact]
    public void Panel_View_IsLabelledAndDescribedAsSeen()
    {
        var script = new RunScript(new AgentSpec { Name = "A", View = new() { Area = ViewArea.TopLeft, Flip = true } }, new AgentSpec { Name = "B" });
        script.Add(new AgentStarted { Agent = 0, Name = "A", Model = "m", Seed = 1, Member = 0, Seen = [new(new(0, 0, 0.6, 0.6), true, ViewTone.AsIs, 240, 120)] });

        var first = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));
        var second = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[1]));

        Assert.Equal("⇄ top left", first.Find("[data-view]").TextContent);
        Assert.Equal(
            "Sees the top left of the image, left and right exchanged\n60 % × 60 % of it, shown as 240 × 120 pixels", first.Find("[data-view]").GetAttribute("data-tip"));
        Assert.Empty(second.FindAll("[data-view]"));
    }

    [Fact]
    public void Panel_CallWithAPicture_ShowsBothAndFolds()
    {
        var script = new RunScript(1)
            .Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "crop", Arguments = "{\"box\":[1,2,3,4]}" })
            .Add(new ToolReturned { Agent = 0, CallId = "c", Result = "<b>The part follows.</b>", Image = RunScript.Image });

        var call = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0])).Find("details.call");

        Assert.True(call.HasAttribute("open"));
        Assert.Equal("crop", call.QuerySelector("summary b")!.TextContent);
        Assert.Equal("→ <b>The part follows.</b>", call.QuerySelector(".result")!.TextContent);
        Assert.Equal($"images/{RunScript.Image.Sha256}", call.QuerySelector("img")!.GetAttribute("src"));
    }

    [Fact]
    public void Panel_CallNeverServed_DoesNotRunForEver()
    {
        var script = new RunScript(1).Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "crop", Arguments = "{}" });
        Assert.Equal("running…", Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0])).Find(".call .result").TextContent);

        script.EndWithout(0, AgentOutcome.LengthLimit);

        Assert.Equal(
            "failed: the agent ended before it was served", Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0])).Find(".call .result").TextContent);
    }

    [Fact]
    public void Panel_NothingChanged_DoesNotRenderAgain()
    {
        var script = new RunScript(1).Think(0, "a");
        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));
        var rendered = panel.RenderCount;

        panel.Render(p => p.Add(x => x.Agent, script.View.Agents[0]));
        Assert.Equal(rendered, panel.RenderCount);

        script.Think(0, "b");
        panel.Render(p => p.Add(x => x.Agent, script.View.Agents[0]));
        Assert.True(panel.RenderCount > rendered);
        Assert.Equal("ab", panel.Find(".think").TextContent.Trim());
    }

    [Fact]
    public void Panel_Prefilling_SaysHowFarAndWhatIsShared()
    {
        var script = new RunScript(1).Add(new AgentPrefilling { Agent = 0, Total = 100, Cached = 60, Processed = 64 });

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        Assert.Equal("prefill 64 %", panel.Find(".chip").TextContent);
        Assert.Contains("60 of 100 tokens shared", panel.Find(".think").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_Done_ShowsAnswerAndFiguresWithUnits()
    {
        var script = new RunScript(1).Think(0, "a").Answer(0, "3 grapes");

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        Assert.Equal("3 grapes", panel.Find(".ans").TextContent.Trim());
        var footer = panel.Find("footer").TextContent;
        Assert.Contains("20 tok", footer, StringComparison.Ordinal);
        Assert.Contains("61 tok/s", footer, StringComparison.Ordinal);
        Assert.Contains("214 ms", footer, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_Failed_SaysWhyAndKeepsWhatWasSaid()
    {
        var script = new RunScript(1).Think(0, "so far").Fail(0, "The engine went away.");

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        Assert.Equal("failed", panel.Find(".chip.bad").TextContent);
        Assert.Contains("The engine went away.", panel.Find(".error").TextContent, StringComparison.Ordinal);
        Assert.Equal("so far", panel.Find(".think").TextContent.Trim());
    }

    [Fact]
    public void Panel_MarkupInText_IsShownNotRun()
    {
        var script = new RunScript(1).Think(0, "<img src=x onerror=alert(1)>");

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        Assert.Empty(panel.FindAll(".think img"));
        Assert.Equal("<img src=x onerror=alert(1)>", panel.Find(".think").TextContent.Trim());
    }

    [Fact]
    public void StopButton_WhileRunning_NamesItsAgent()
    {
        var script = new RunScript(2).Think(1, "a");
        int? stopped = null;
        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[1]).Add(x => x.OnStop, (int agent) => stopped = agent));

        panel.Find("[aria-label='Stop Agent 2']").Click();

        Assert.Equal(1, stopped);
    }

    [Fact]
    public void FoldButton_Over_HidesReasoningAndKeepsAnswer()
    {
        var script = new RunScript(1).Think(0, "long thoughts").Answer(0, "3");
        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        panel.Find("[aria-expanded=true]").Click();

        Assert.Empty(panel.FindAll(".think"));
        Assert.Equal("3", panel.Find(".ans").TextContent.Trim());
    }

    [Fact]
    public void Panel_ToolCall_ShowsArgumentsAndResultInPlace()
    {
        var script = new RunScript(1).Think(0, "Adding.");
        script.Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "calculator", Arguments = """{"expression":"95+105"}""" });
        script.Add(new ToolReturned { Agent = 0, CallId = "c", Result = "200" });

        var panel = Render<AgentPanel>(p => p.Add(x => x.Agent, script.View.Agents[0]));

        Assert.Equal("calculator 95+105", panel.Find(".call .what").TextContent.Trim());
        Assert.Equal("→ 200", panel.Find(".call .result").TextContent);
    }
}
