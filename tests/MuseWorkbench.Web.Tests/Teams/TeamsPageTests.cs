using System.Collections.Concurrent;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Teams;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Teams;

public sealed class TeamsPageTests : WorkbenchBunit
{
    private readonly MemoryTeams _teams = new();

    public TeamsPageTests()
    {
        Services.AddSingleton<ITeamStore>(_teams);
        Services.AddSingleton<TeamIntake>();
    }

    private string Path => Services.GetRequiredService<BunitNavigationManager>().Uri;

    [Fact]
    public void Page_NoTeams_SaysWhatToDo()
    {
        var page = Render<TeamsPage>();

        Assert.Contains("No teams yet", page.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Equal(Services.GetRequiredService<StrategyCatalogue>().All.Length, page.FindAll("[data-preset]").Count);
    }

    [Fact]
    public async Task New_FromPreset_IsKeptAndOpened()
    {
        var page = Render<TeamsPage>();

        await page.Find("[data-preset=council]").ClickAsync();

        var team = Assert.Single(_teams.All);
        Assert.Equal("council", team.Latest.Spec.Strategy);
        Assert.EndsWith($"teams/{team.Id}", Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_ViewsAndTools_AreSavedAndUnchangedOnesStayAsWritten()
    {
        var team = Preset("self-consistency");
        var page = await OpenAsync(team);

        page.Find("#agent-0-area").Change("BottomLeft");
        page.Find("#agent-0-tone").Change("Grey");
        page.FindAll(".tools")[1].QuerySelectorAll("input")[1].Change(true);
        await page.Find("[data-save]").ClickAsync();

        var agents = Assert.Single(_teams.All).Latest.Spec.Agents;
        Assert.Equal(new ViewSpec { Area = ViewArea.BottomLeft, Tone = ViewTone.Grey }, agents[0].View);
        Assert.Null(agents[0].Tools);
        Assert.Equal(["calculator", "crop"], agents[1].Tools!.Value);
        Assert.Equal((null, null, null), (agents[2].View, agents[2].Tools, agents[2].ToolUse));
    }

    [Fact]
    public async Task Edit_FormOfAnswer_TakesTheToolsAndAToolTakesTheForm()
    {
        var page = await OpenAsync(Preset("self-consistency"));

        page.Find("#agent-0-form").Change("Food");
        page.Find("#agent-1-form").Change("Steps");
        page.FindAll(".tools")[1].QuerySelectorAll("input")[1].Change(true);
        await page.Find("[data-save]").ClickAsync();

        var agents = Assert.Single(_teams.All).Latest.Spec.Agents;
        Assert.Equal((AnswerForm.Food, null), (agents[0].Answer, agents[0].Tools));
        Assert.Equal("crop", Assert.Single(agents[1].Tools!.Value));
        Assert.Null(agents[1].Answer);
        Assert.Equal((null, null), (agents[2].Answer, agents[2].Tools));
    }

    [Fact]
    public async Task Edit_SpreadViews_NoTwoAgentsLookAlike()
    {
        var page = await OpenAsync(Preset("self-consistency"));

        page.Find("[data-spread]").Click();
        await page.Find("[data-save]").ClickAsync();

        var agents = Assert.Single(_teams.All).Latest.Spec.Agents;
        Assert.Equal(agents.Length, agents.Select(agent => agent.View).Distinct().Count());
    }

    [Fact]
    public async Task Edit_AgentsAndStrategy_SavesANewVersion()
    {
        var page = await OpenAsync(Preset("self-consistency"));
        Assert.True(page.Find("[data-save]").HasAttribute("disabled"));

        page.Find("#team-name").Change("Mine");
        page.Find("#edit-strategy").Change("synthesis");
        page.Find("#edit-contextTokens").Change("512");
        page.Find("[aria-label='Remove Agent 8']").Click();
        page.Find("[aria-label='Role of Agent 1']").Change("Count twice.");
        page.Find("#agent-1-t").Change("1.25");
        page.Find("#agent-1-m").Change("big-model");
        await page.Find("[data-save]").ClickAsync();

        var kept = Assert.Single(_teams.All);
        var spec = kept.Latest.Spec;
        Assert.Equal((2, "Mine", "synthesis", 512), (kept.Latest.Number, spec.Name, spec.Strategy, spec.Options!.ContextTokens));
        Assert.Equal((7, "Count twice.", 1.25, "big-model"), (spec.Agents.Length, spec.Agents[0].Role, spec.Agents[1].Sampling.Temperature, spec.Agents[1].Model));
        Assert.Equal(["v2", "v1"], page.FindAll("[data-version] b").Select(b => b.TextContent));
    }

    [Fact]
    public async Task Version_Older_CanBeShownAndMadeTheNewest()
    {
        var page = await OpenAsync(Preset("debate"));
        page.Find("#team-name").Change("Changed");
        await page.Find("[data-save]").ClickAsync();

        page.Find("[data-version='1']").Click();
        Assert.Equal("Debate", page.Find("#team-name").GetAttribute("value"));
        await page.Find("[data-save]").ClickAsync();

        Assert.Equal([(1, "Debate"), (2, "Changed"), (3, "Debate")], _teams.All[0].Versions.Select(v => (v.Number, v.Spec.Name)));
    }

    [Fact]
    public async Task Lead_OwnSettings_GoIntoTheTeam()
    {
        var page = await OpenAsync(Preset("best-of-n"));

        page.Find(".check input").Change(true);
        page.Find("#lead-m").Change("judge-model");
        await page.Find("[data-save]").ClickAsync();

        Assert.Equal(("judge-model", 0.2), (Latest.Lead!.Model, Latest.Lead.Sampling.Temperature));
    }

    [Fact]
    public async Task Edit_CannotBeRun_SaysWhyAndCannotBeSaved()
    {
        var page = await OpenAsync(Preset("debate"));

        for (var i = 4; i > 1; i--)
        {
            page.Find($"[aria-label='Remove Agent {i}']").Click();
        }

        Assert.Contains("Debate needs at least 2 agents; the team has 1.", page.Find("[data-cost] [role=alert]").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-save]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Cost_OfATeam_IsShown()
    {
        var page = await OpenAsync(Preset("best-of-n"));

        var cost = page.Find("[data-cost]").TextContent;

        Assert.Contains("4,608 tok", cost, StringComparison.Ordinal); // nine calls of 512
        Assert.Contains("1,024 tok", cost, StringComparison.Ordinal); // an answer, then the judge
    }

    [Fact]
    public async Task Duplicate_Team_GetsANameOfItsOwn()
    {
        var page = await OpenAsync(Preset("council"));

        await page.Find("[data-duplicate]").ClickAsync();

        Assert.Equal(["Council", "Council 2"], _teams.All.Select(team => team.Latest.Spec.Name).Order());
    }

    [Fact]
    public async Task Delete_Team_AsksFirst()
    {
        var page = await OpenAsync(Preset("council"));

        page.Find("[data-delete]").Click();
        Assert.Single(_teams.All);
        await page.Find("[data-delete-sure]").ClickAsync();

        Assert.Empty(_teams.All);
        Assert.EndsWith("/teams", Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_YamlFile_IsKept()
    {
        var page = Render<TeamsPage>();

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(TeamText.Write(Preset("debate"), TeamFormat.Yaml), "team.yaml"));

        Assert.Equal("debate", Assert.Single(_teams.All).Latest.Spec.Strategy);
    }

    [Fact]
    public void Import_NotATeam_SaysWhyBesideTheList()
    {
        var page = Render<TeamsPage>();

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("name: <b>x</b>\nagents: []", "team.yaml"));

        Assert.Contains("team.yaml: The team has no agents.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(_teams.All);
    }

    [Fact]
    public void Page_UnknownTeam_SaysSo()
    {
        var page = Render<TeamsPage>(p => p.Add(x => x.TeamId, Guid.NewGuid()));

        Assert.Contains("This team is not here", page.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    private TeamSpec Latest => _teams.All[0].Latest.Spec;

    private TeamSpec Preset(string strategy) => TeamPresets.For(Services.GetRequiredService<StrategyCatalogue>().Find(strategy)!);

    private async Task<IRenderedComponent<TeamsPage>> OpenAsync(TeamSpec spec)
    {
        var team = await _teams.CreateAsync(spec, Xunit.TestContext.Current.CancellationToken);
        return Render<TeamsPage>(p => p.Add(x => x.TeamId, team.Id));
    }

    /// <summary>The store's contract, in memory.</summary>
    private sealed class MemoryTeams : ITeamStore
    {
        private readonly ConcurrentDictionary<Guid, StoredTeam> _teams = new();

        public IReadOnlyList<StoredTeam> All => [.. _teams.Values.OrderBy(team => team.Latest.Spec.Name, StringComparer.Ordinal)];

        public Task<IReadOnlyList<StoredTeam>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult(All);

        public Task<StoredTeam?> FindAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_teams.GetValueOrDefault(id));

        public Task<StoredTeam> CreateAsync(TeamSpec spec, CancellationToken cancellationToken = default)
        {
            var team = new StoredTeam(Guid.NewGuid(), [Version(1, spec)]);
            _teams[team.Id] = team;
            return Task.FromResult(team);
        }

        public Task<StoredTeam?> SaveAsync(Guid id, TeamSpec spec, CancellationToken cancellationToken = default)
        {
            if (_teams.TryGetValue(id, out var team) && team.Latest.Hash != TeamHash.Of(spec))
            {
                _teams[id] = team = team with { Versions = team.Versions.Add(Version(team.Latest.Number + 1, spec)) };
            }

            return Task.FromResult(team);
        }

        public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_teams.TryRemove(id, out _));

        private static TeamVersion Version(int number, TeamSpec spec) => new(number, TeamHash.Of(spec), DateTimeOffset.UnixEpoch, spec);
    }
}
