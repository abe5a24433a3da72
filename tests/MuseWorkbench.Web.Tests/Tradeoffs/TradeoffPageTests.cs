using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Tradeoffs;
using MuseWorkbench.Web.Tests.Cases;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Tradeoffs;

/// <summary>A sweep from its form to its figures.</summary>
public sealed class TradeoffPageTests : CaseBunit
{
    private readonly Sweeps _sweeps = new();

    [Fact]
    public void Page_NoDatasets_SaysWhatItIsFor()
    {
        var page = Render<TradeoffsPage>();

        Assert.Contains("No dataset to ask", page.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_Settings_SaysWhatTheyTake()
    {
        await Store.CreateAsync("Eggs", new CaseBatch([Named("a"), Named("b"), Named("c")]), Test);
        var page = Render<TradeoffsPage>();
        page.WaitForElement("#agents", Limit).Input("1, 4");

        Assert.Equal("6 settings × 3 cases = 18 runs, 45 agents of at most 256 tokens", page.Find("[data-cost]").TextContent);
    }

    [Theory]
    [InlineData("#agents", "1, many", "Agents: “many” is no whole number.")]
    [InlineData("#agents", "1, 99", "Agents: 99 is not from 1 to 32.")]
    [InlineData("#concurrency", "", "Runs at once: at least one number is needed.")]
    [InlineData("#target", "0", "The latency to keep is above 0")]
    public async Task Make_FieldIsWrong_SaysSoAndKeepsWhatWasTyped(string field, string typed, string said)
    {
        await Store.CreateAsync("Eggs", new CaseBatch([Named("a")]), Test);
        var page = Render<TradeoffsPage>();
        page.WaitForElement(field, Limit).Input(typed);

        await page.Find("[data-make]").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains(said, page.Find("[role=alert]").TextContent, StringComparison.Ordinal), Limit);
        Assert.Equal(typed, page.Find(field).GetAttribute("value"));
        Assert.Empty(await _sweeps.ListAsync(Test));
    }

    [Fact]
    public async Task Make_WhatWasAsked_OpensTheSweep_WhichCanBeStopped()
    {
        await Store.CreateAsync("Eggs", new CaseBatch([Named("a"), Named("b")]), Test);
        var page = Render<TradeoffsPage>();
        page.WaitForElement("[data-make]", Limit);

        await page.Find("[data-make]").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("experiments/tradeoffs/", Services.GetRequiredService<BunitNavigationManager>().Uri, StringComparison.Ordinal), Limit);
        var made = Assert.Single(await _sweeps.ListAsync(Test));
        var sweep = Render<SweepPage>(p => p.Add(x => x.Id, made.Id));
        await sweep.Find("[data-stop]").ClickAsync();

        sweep.WaitForAssertion(() => Assert.Equal("stopped", sweep.Find(".chip").TextContent), Limit);
        Assert.Equal((12, 2, SweepState.Stopped), (made.Points.Length, made.Cases.Length, (await _sweeps.FindAsync(made.Id, Test))!.State));
    }

    [Fact]
    public async Task Sweep_WithFigures_SaysWhatIsSustainedAndOpensRuns()
    {
        var sweep = SweepFolderTests.Of();
        await _sweeps.SaveAsync(sweep, Test);

        var page = Render<SweepPage>(p => p.Add(x => x.Id, sweep.Id));

        Assert.Contains("sustains 40 runs a minute: 8 agents of at most 64 tokens, 2 runs at once, 67 % right (35 to 88)", page.Find("[data-words]").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll("figure circle").Count);
        var address = page.Find("tbody a").GetAttribute("href")!;
        Assert.Equal((sweep.Id.ToString(), "Team <b> · 8 × 64 tokens · 2 at once"), (Query(address, "experiment"), Query(address, "team")));
        Assert.Contains("The engine is gone.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("to come", page.FindAll("tbody tr")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Sweep_ThatIsNotThere_SaysSo() =>
        Assert.Contains("There is no such sweep", Render<SweepPage>(p => p.Add(x => x.Id, Guid.NewGuid())).Markup, StringComparison.Ordinal);

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<ISweepStore>(_sweeps);
        services.AddSingleton<ICellRuns, EndlessRuns>();
        services.AddSingleton<SweepRunner>();
        services.AddSingleton<ITeamStore, NoTeams>();
        services.AddSingleton<INodeMonitor>(new FakeMonitor());
    }

    private static string? Query(string address, string name) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address[address.IndexOf('?', StringComparison.Ordinal)..])[name];

    private sealed class Sweeps : ISweepStore
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, Sweep> _kept = new();

        public Task<IReadOnlyList<Sweep>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Sweep>>([.. _kept.Values]);
        public Task<Sweep?> FindAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_kept.GetValueOrDefault(id));

        public Task SaveAsync(Sweep sweep, CancellationToken cancellationToken = default)
        {
            _kept[sweep.Id] = sweep;
            return Task.CompletedTask;
        }

        public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default) => Task.FromResult(_kept.TryRemove(id, out _));
    }

    private sealed class EndlessRuns : ICellRuns
    {
        public ScoringServices Scoring { get; } = new();
        public string? Fault(TeamSpec team) => null;
        public Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        }

        public void Stop(Guid runId)
        {
        }

        public Task DiscardAsync(Guid runId, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class NoTeams : ITeamStore
    {
        public Task<IReadOnlyList<StoredTeam>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<StoredTeam>>([]);
        public Task<StoredTeam?> FindAsync(Guid id, CancellationToken cancellationToken = default) => throw new NotSupportedException();
        public Task<StoredTeam> CreateAsync(TeamSpec spec, CancellationToken cancellationToken = default) => throw new NotSupportedException();
        public Task<StoredTeam?> SaveAsync(Guid id, TeamSpec spec, CancellationToken cancellationToken = default) => throw new NotSupportedException();
        public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
