using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Web.Features.Tradeoffs;
using MuseWorkbench.Web.Hosting;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Tradeoffs;

/// <summary>Sweeps on the disk.</summary>
public sealed class SweepFolderTests
{
    internal static readonly SweepFigures Figures = new()
    {
        Runs = 10, Errors = 1, Passed = 6, P50Ms = 100, P95Ms = 250.5, RunsPerMinute = 40, TokensPerSecond = 300, TokensPerRun = 64, KvCellsPerRun = 120.5,
    };

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_ReadByTheNextProcess_IsTheSame()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var sweep = Of();
        await Store(workbench).SaveAsync(sweep, Test);
        await File.WriteAllTextAsync(Path.Combine(workbench.Data, "sweeps", $"{Guid.NewGuid():N}.json"), "{ torn", Test);

        var next = new SweepFolder(workbench.App.Services.GetRequiredService<Places>(), NullLogger<SweepFolder>.Instance);

        var kept = Assert.Single(await next.ListAsync(Test));
        Assert.Equal((sweep.Id, sweep.State, sweep.Reason, sweep.TargetMs, sweep.Cases[0].Prompt), (kept.Id, kept.State, kept.Reason, kept.TargetMs, kept.Cases[0].Prompt));
        Assert.Equal(sweep.Points, kept.Points);
    }

    private static ISweepStore Store(TestWorkbench workbench) => workbench.App.Services.GetRequiredService<ISweepStore>();

    internal static Sweep Of() => new()
    {
        Id = Guid.CreateVersion7(), CreatedAt = DateTimeOffset.UnixEpoch, DatasetName = "Eggs", TargetMs = 500, State = SweepState.Stopped, Reason = "The engine is gone.",
        Team = new TeamSpec { Name = "Team <b>", Agents = [new AgentSpec { Name = "A" }] }, Cases = [new Case { Id = "a", Prompt = "How many?" }],
        Points = [new SweepPoint(new SweepSetting(8, 64, 2), Figures), new SweepPoint(new SweepSetting(8, 64, 4))],
    };
}
