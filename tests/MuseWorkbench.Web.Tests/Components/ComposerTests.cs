using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class ComposerTests : WorkbenchBunit
{
    [Fact]
    public void Build_SeedGiven_EveryAgentGetsItsOwn()
    {
        var model = new ComposerModel { Prompt = "  How many? " };
        model.SetSeed(uint.MaxValue);
        model.SetAgents(3);

        var request = model.Build();

        Assert.Equal("How many?", request.Prompt);
        Assert.Equal([uint.MaxValue, 0u, 1u], request.Team.Agents.Select(agent => agent.Sampling.Seed));
    }

    [Fact]
    public void Build_SpreadTeam_TemperaturesRiseEvenly()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.Use(TeamPreset.All.Single(preset => preset.Spread));

        var temperatures = model.Build().Team.Agents.Select(agent => agent.Sampling.Temperature).ToArray();

        Assert.Equal(0.2, temperatures[0], 3);
        Assert.Equal(1.4, temperatures[^1], 3);
        Assert.Equal(temperatures.Order(), temperatures);
    }

    [Fact]
    public void Build_ViewsSpread_EveryAgentSeesOtherwise()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.SetAgents(16);
        model.SetViews(ViewChoice.Find("spread")!);

        Assert.Equal(16, model.Build().Team.Agents.Select(agent => agent.View).Distinct().Count());
    }

    [Fact]
    public void Use_PresetWithViews_ComeAndGoWithIt()
    {
        var sizes = TeamPreset.All.Single(preset => preset.Views is not null);
        var model = new ComposerModel { Prompt = "?" };

        model.Use(sizes);
        var spread = model.Build();
        model.Use(TeamPreset.Default);

        Assert.Equal(8, spread.Team.Agents.Select(agent => agent.View).Distinct().Count());
        Assert.All(model.Build().Team.Agents, agent => Assert.Null(agent.View));
        model.SetViews(ViewChoice.Find("flip")!);
        model.Use(TeamPreset.All[0]);
        Assert.Equal("flip", model.Views.Key); // chosen by hand, it stays
    }

    [Fact]
    public void IsPreset_ViewsChosenByHand_IsTheOneWithTheseViews()
    {
        var sizes = TeamPreset.All.Single(preset => preset.Views is not null);
        var model = new ComposerModel { Prompt = "?" };

        model.SetViews(ViewChoice.Spread);
        var isSizes = model.IsPreset(sizes);
        model.SetViews(ViewChoice.Find("grey")!);

        Assert.True(isSizes);
        Assert.True(model.IsPreset(TeamPreset.Default));
    }

    [Fact]
    public void SetCrop_TeamThatSawTheWhole_SeesTheRectangle()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.Add(RunScript.Image);

        model.SetCrop(RunScript.Image, new(0.1, 0.2, 0.3, 0.4));
        var request = model.Build();
        model.SetCrop(RunScript.Image, null);

        Assert.All(request.Team.Agents, agent => Assert.Equal(ViewArea.Drawn, agent.View!.Area));
        Assert.Equal(new ImageCrop(0, new(0.1, 0.2, 0.3, 0.4)), Assert.Single(request.Crops!.Value));
        Assert.Null(model.Build().Crops);
        Assert.All(model.Build().Team.Agents, agent => Assert.Null(agent.View));
    }

    [Fact]
    public void SetCrop_OtherViewChosen_StaysChosen()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.Add(RunScript.Image);
        model.SetViews(ViewChoice.Find("turns")!);
        Assert.Equal("Draw a rectangle on the image first, or choose another view.", model.Problem());

        model.SetCrop(RunScript.Image, new(0.1, 0.2, 0.3, 0.4));

        Assert.Null(model.Problem());
        Assert.Equal([null, ViewArea.Drawn], model.Build().Team.Agents.Take(2).Select(agent => agent.View?.Area));
    }

    [Fact]
    public void Use_EarlierRequestWithViewsRectangleAndTable_AsksTheSameAgain()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.Add(RunScript.Image);
        model.SetViews(ViewChoice.Find("turns")!);
        model.SetCrop(RunScript.Image, new(0.1, 0.2, 0.3, 0.4));
        Assert.Null(model.Add(new TableFile("t.csv", "a,b\n1,2")));
        var first = model.Build();

        var again = new ComposerModel();
        again.Use(first);

        Assert.Equivalent(first, again.Build());
        Assert.Null(again.Kept);
    }

    [Fact]
    public void Use_EarlierRequestWithTools_KeepsThem()
    {
        var again = new ComposerModel();
        var team = new TeamSpec { Name = "T", Agents = [new AgentSpec { Name = "A", Tools = ["crop"] }] };

        again.Use(new RunRequest { Prompt = "?", Team = team });

        Assert.Same(team, again.Build().Team);
    }

    [Fact]
    public void Build_TableAttached_TeamMayLookThingsUpAndIsAskedAgainByItsDials()
    {
        var model = new ComposerModel { Prompt = "What does it cost?" };
        model.Add(new TableFile("t.csv", "a,b\n1,2"));

        var request = model.Build();
        var again = new ComposerModel();
        again.Use(request);

        Assert.All(request.Team.Agents, agent => Assert.Equal(["calculator", "table_lookup"], agent.Tools!.Value));
        Assert.Null(again.Kept);
        Assert.Equal(request.Team.Agents[0].Tools!.Value, again.Build().Team.Agents[0].Tools!.Value);
    }

    [Fact]
    public void Build_FormOfAnswer_EveryAgentHasItAndNoTools()
    {
        var model = new ComposerModel { Prompt = "Which foods?" };
        model.SetAnswer(AnswerForm.Food);
        model.Add(new TableFile("t.csv", "a,b\n1,2"));

        var request = model.Build();
        var again = new ComposerModel();
        again.Use(request);

        Assert.All(request.Team.Agents, agent => Assert.Equal((AnswerForm.Food, null), (agent.Answer, agent.Tools)));
        Assert.Equal((AnswerForm.Food, null), (again.Answer, again.Kept));
    }

    [Fact]
    public void Add_TableThatCanNotBeRead_SaysWhyAndKeepsTheOthers()
    {
        var model = new ComposerModel();
        model.Add(new TableFile("good.csv", "a\n1"));

        Assert.Equal("The table \"bad.csv\" can't be used: line 2 has 2 values where the first line names 1 columns.", model.Add(new TableFile("bad.csv", "a\n1,2")));
        Assert.Equal(["good.csv"], model.Tables.Select(table => table.Name));
    }

    [Fact]
    public void SetAgents_OutOfRange_IsClamped()
    {
        var model = new ComposerModel();

        model.SetAgents(99);
        Assert.Equal(TeamSpec.MaxAgents, model.Agents);
        model.SetAgents(0);
        Assert.Equal(TeamSpec.MinAgents, model.Agents);
    }

    [Fact]
    public void Use_EarlierRequest_AsksTheSameAgain()
    {
        var model = new ComposerModel { Prompt = "Where is the egg?" };
        model.Add(RunScript.Image);
        model.Use(TeamPreset.All[0]);
        model.SetTokenBudget(128);
        var first = model.Build();

        var again = new ComposerModel();
        again.Use(first);

        Assert.Equivalent(first, again.Build());
    }

    [Fact]
    public void Use_KeptTeam_IsAskedAsItIsUntilADialIsTurned()
    {
        var team = new TeamSpec
        {
            Name = "Two views", Strategy = "synthesis", Lead = new AgentSpec { Name = "Head" },
            Agents = [new AgentSpec { Name = "A", Role = "Count twice." }, new AgentSpec { Name = "B", MaxTokens = 64 }],
        };
        var model = new ComposerModel { Prompt = "?" };

        model.Use(team);
        Assert.Equal(team, model.Build().Team);

        model.SetTemperature(0.5);
        Assert.Equal(("synthesis", 2, null), (model.Build().Team.Strategy, model.Build().Team.Agents.Length, model.Build().Team.Lead));
        Assert.NotEqual("Two views", model.Build().Team.Name);
    }

    [Fact]
    public void Use_RequestWithRoles_AsksTheSameTeamAgain()
    {
        var request = new RunRequest { Prompt = "?", Team = new TeamSpec { Name = "Own", Agents = [new AgentSpec { Name = "A", Role = "Count twice." }] } };
        var model = new ComposerModel();

        model.Use(request);

        Assert.Equal(request.Team, model.Build().Team);
    }

    [Fact]
    public void Add_NinthImage_IsRefused()
    {
        var model = new ComposerModel();
        for (var i = 0; i < ComposerModel.MaxImages; i++)
        {
            Assert.True(model.Add(RunScript.Image with { Sha256 = i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture) }));
        }

        Assert.False(model.Add(RunScript.Image));
        Assert.True(model.Add(model.Images[0]));
    }

    [Fact]
    public void Composer_UploadRefused_SaysWhyUntilDismissed()
    {
        var model = new ComposerModel();
        model.UploadStarted("u1", "notes.txt", 12);
        model.UploadFailed("u1", "This is not an image.");
        var composer = Render<Composer>(p => p.Add(x => x.Model, model));

        Assert.Contains("This is not an image.", composer.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        composer.Find("[aria-label=Dismiss]").Click();

        Assert.Empty(composer.FindAll("[role=alert]"));
    }

    [Fact]
    public void Composer_Running_OffersStopInPlaceOfRun()
    {
        var stopped = false;
        var composer = Render<Composer>(p => p.Add(x => x.Model, new ComposerModel()).Add(x => x.IsRunning, true).Add(x => x.OnStop, () => stopped = true));

        Assert.Empty(composer.FindAll("[data-run]"));
        composer.Find(".stop").Click();

        Assert.True(stopped);
    }

    [Fact]
    public void Problem_UploadUnderWay_WaitsForIt()
    {
        var model = new ComposerModel { Prompt = "?" };
        model.UploadStarted("u1", "a.png", 12);

        Assert.NotNull(model.Problem());
        model.UploadEnded("u1");
        Assert.Null(model.Problem());
    }
}
