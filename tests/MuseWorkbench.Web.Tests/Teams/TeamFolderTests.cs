using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Teams;

/// <summary>Teams as they are kept, through the product's own services and addresses.</summary>
public sealed class TeamFolderTests : IAsyncLifetime
{
    private static readonly TeamSpec s_team = new() { Name = "Two", Agents = [new AgentSpec { Name = "A" }, new AgentSpec { Name = "B" }] };
    private TestWorkbench _workbench = null!;
    private string _data = "";

    private ITeamStore Store => _workbench.App.Services.GetRequiredService<ITeamStore>();

    public async ValueTask InitializeAsync()
    {
        _workbench = await TestWorkbench.StartAsync();
        _data = _workbench.App.Configuration["Data:Directory"]!;
    }

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Save_Changed_NewVersionAndTheOldStays()
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);
        await Store.SaveAsync(team.Id, s_team with { Name = "Three" }, stop);
        await Store.SaveAsync(team.Id, s_team with { Name = "Three" }, stop);
        await Store.SaveAsync(team.Id, s_team, stop);

        var kept = (await Store.FindAsync(team.Id, stop))!;

        Assert.Equal([(1, "Two"), (2, "Three"), (3, "Two")], kept.Versions.Select(v => (v.Number, v.Spec.Name)));
        Assert.Equal(kept.Versions[0].Hash, kept.Versions[2].Hash);
        Assert.All(kept.Versions, version => Assert.Equal(TeamHash.Of(version.Spec), version.Hash));
    }

    [Fact]
    public async Task Save_ManyAtOnce_EveryVersionOnceWithoutGaps()
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Store.SaveAsync(team.Id, s_team with { Name = $"Team {n}" }, stop)));

        var kept = (await Store.FindAsync(team.Id, stop))!;
        Assert.Equal(Enumerable.Range(1, 13), kept.Versions.Select(v => v.Number));
        Assert.Equal(13, kept.Versions.Select(v => v.Hash).Distinct().Count());
    }

    [Fact]
    public async Task List_FileDamagedOrHalfWritten_LeftOutAndItsNumberNotUsedAgain()
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);
        await Store.SaveAsync(team.Id, s_team with { Name = "Three" }, stop);
        var folder = Path.Combine(_data, "teams", team.Id.ToString("N"));
        await File.WriteAllTextAsync(Path.Combine(folder, "0002.json"), "{\"number\":2,", stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "x.part"), "half", stop);
        Directory.CreateDirectory(Path.Combine(_data, "teams", "not-a-team"));

        Assert.Equal("Two", Assert.Single(await Store.ListAsync(stop)).Latest.Spec.Name);
        Assert.Equal(3, (await Store.SaveAsync(team.Id, s_team with { Name = "Four" }, stop))!.Latest.Number);
    }

    [Fact]
    public async Task List_VersionChangedByHand_IsNoVersionAnyMore()
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);
        var file = Path.Combine(_data, "teams", team.Id.ToString("N"), "0001.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, stop)).Replace("Two", "Six", StringComparison.Ordinal), stop);

        Assert.Empty(await Store.ListAsync(stop));
    }

    [Fact]
    public async Task Delete_Team_GoneAndSavingItSaysSo()
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);

        Assert.True(await Store.DeleteAsync(team.Id, stop));

        Assert.False(await Store.DeleteAsync(team.Id, stop));
        Assert.Null(await Store.SaveAsync(team.Id, s_team, stop));
        Assert.Empty(await Store.ListAsync(stop));
    }

    [Theory]
    [InlineData("json", "application/json", "two.v1.json")]
    [InlineData("yaml", "application/yaml", "two.v1.yaml")]
    public async Task ExportThenImport_OverHttp_SameTeam(string format, string type, string file)
    {
        var stop = TestContext.Current.CancellationToken;
        var team = await Store.CreateAsync(s_team, stop);

        using var exported = await _workbench.Owner.GetAsync($"/api/teams/{team.Id}?format={format}", stop);
        var text = await exported.Content.ReadAsStringAsync(stop);
        using var imported = await _workbench.Owner.PostAsync("/api/teams", new StringContent(text, Encoding.UTF8, type), stop);

        Assert.Equal((type, file), (exported.Content.Headers.ContentType!.MediaType, exported.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        var body = JsonNode.Parse(await imported.Content.ReadAsStringAsync(stop))!;
        Assert.Equal(team.Latest.Hash, (string?)body["versions"]![0]!["hash"]);
        Assert.NotEqual(team.Id, (Guid)body["id"]!);
    }

    [Theory]
    [InlineData("name: x\nagents: []", "The team has no agents.")]
    [InlineData("name: x\nstrategy: debate\nagents: [{name: A}]", "Debate needs at least 2 agents; the team has 1.")]
    [InlineData("{", "This is not JSON: line 1 can't be read.")]
    public async Task Import_CannotBeRun_400WithTheReason(string text, string reason)
    {
        var stop = TestContext.Current.CancellationToken;

        using var response = await _workbench.Owner.PostAsync("/api/teams", new StringContent(text), stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(reason, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(stop))!["error"]!["message"]);
        Assert.Empty(await Store.ListAsync(stop));
    }

    [Theory]
    [InlineData("/api/teams/00000000-0000-0000-0000-000000000001", HttpStatusCode.NotFound)]
    [InlineData("/schemas/team.schema.json", HttpStatusCode.OK)]
    [InlineData("/api/teams", HttpStatusCode.OK)]
    public async Task Get_Address_Answers(string path, HttpStatusCode status)
    {
        using var response = await _workbench.Owner.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
    }
}
