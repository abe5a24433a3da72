using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class StrategyPickerTests : WorkbenchBunit
{
    private readonly ComposerModel _model = new() { Prompt = "How many?" };

    [Fact]
    public void Picker_StrategyChosen_ShowsWhatItDoesCostsAndTakes()
    {
        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));

        picker.Find("#team-strategy").Change("debate");

        Assert.Contains("may revise their own", picker.Find(".strategy .what").TextContent, StringComparison.Ordinal);
        Assert.Equal(["team-rounds", "team-contextTokens", "team-shareReasoning", "team-tieBreak"], picker.FindAll(".options [id]").Select(field => field.Id));
        Assert.Contains("16 calls", picker.Find(".cost").TextContent, StringComparison.Ordinal);
        Assert.Contains("Debate · 8 × T 0.8", picker.Find("summary").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Picker_EightSizes_IsNamedOnTheButton()
    {
        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));

        picker.FindAll("button.preset").Single(preset => preset.TextContent.StartsWith("Eight sizes", StringComparison.Ordinal)).Click();

        Assert.Equal("8 sizes", picker.Find("summary .label").TextContent);
        Assert.Equal("spread", _model.Views.Key);
    }

    [Fact]
    public void Picker_OptionSet_GoesIntoTheRequest()
    {
        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));
        picker.Find("#team-strategy").Change("adaptive-self-consistency");

        picker.Find("#team-stopRule").Change("0");
        picker.Find("#team-threshold").Change("0.8");

        var team = _model.Build().Team;
        Assert.Equal("adaptive-self-consistency", team.Strategy);
        Assert.Equal(new StrategyOptions { StopRule = StopRule.Decided, Threshold = 0.8 }, team.Options);
    }

    [Fact]
    public void Picker_OneAgentStrategy_TakesTheTeamDownToOneAndBack()
    {
        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));

        picker.Find("#team-strategy").Change("single");
        Assert.Equal(1, _model.Agents);
        picker.Find("#team-strategy").Change("council");
        Assert.Equal(2, _model.Agents);
    }

    [Fact]
    public void Picker_TooFewAgents_SaysSoAtTheField()
    {
        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));
        picker.Find("#team-strategy").Change("debate");

        picker.Find("#team-agents").Input("1");

        Assert.Equal("Debate needs at least 2 agents; the team has 1.", picker.Find("[role=alert]").TextContent);
    }

    [Fact]
    public void Picker_StrategyNotKnownHere_IsNamed()
    {
        _model.Use(new RunRequest { Prompt = "?", Team = _model.Build().Team with { Strategy = "oracle" } });

        var picker = Render<TeamPicker>(p => p.Add(x => x.Model, _model));

        Assert.Contains("oracle (unknown)", picker.Find("#team-strategy").TextContent, StringComparison.Ordinal);
    }
}
