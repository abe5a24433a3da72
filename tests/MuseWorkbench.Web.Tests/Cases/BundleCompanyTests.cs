using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Tests.Components;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Cases;

/// <summary>Teams and runs that go along with cases in a bundle, out of one workbench and into another.</summary>
public sealed class BundleCompanyTests
{
    private static readonly byte[] s_png =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_WithRuns_ImportedElsewhere_TeamsAndRunsComeAlong()
    {
        await using var first = await TestWorkbench.StartAsync();
        var (promoted, cell, image) = (await KeepRunAsync(first), await KeepRunAsync(first), await PictureAsync(first));
        var dataset = await DatasetAsync(first, promoted.Id, cell.Id);
        using var response = await first.Owner.GetAsync($"/api/cases/{dataset}/export/muse-bundle?runs=true", Test);
        var bundle = await response.Content.ReadAsByteArrayAsync(Test);

        await using var second = await TestWorkbench.StartAsync();
        var report = await ImportAsync(second, bundle, ImportTarget.New("Eggs"));

        Assert.Equal(("1", "2"), (response.Headers.GetValues("X-Teams-Written").Single(), response.Headers.GetValues("X-Runs-Written").Single()));
        Assert.Equal((1, 1, 2, 0), (report.Taken, report.Teams, report.Runs, report.FaultCount));
        foreach (var run in new[] { promoted, cell })
        {
            Assert.True(JsonNode.DeepEquals(await EventsAsync(first, run.Id), await EventsAsync(second, run.Id)));
            Assert.Contains("imported", (await Catalog(second).GetAsync(run.Id, Test))!.Tags);
        }

        using var served = await second.Owner.GetAsync($"/images/{image.Sha256}", Test);
        Assert.Equal(s_png, await served.Content.ReadAsByteArrayAsync(Test));
        Assert.Equal("Counters", Assert.Single((await Teams(second).ListAsync(Test)), team => team.Latest.Spec.Name == "Counters").Latest.Spec.Name);
    }

    [Fact]
    public async Task Import_TheSameBundleAgain_SaysWhatIsHereAlready()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var bundle = await ExportElsewhereAsync();
        var dataset = (await ImportAsync(workbench, bundle, ImportTarget.New("Eggs"))).DatasetId!.Value;

        var again = await ImportAsync(workbench, bundle, ImportTarget.Into(dataset));

        Assert.Equal((0, 0, 3), (again.Teams, again.Runs, again.SkippedCount));
        Assert.All(again.Skipped, skipped => Assert.Contains("is here already", skipped.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("runs/", "not json", "not a run exported as JSON")]
    [InlineData("runs/", "{}", "not a run exported as JSON")]
    [InlineData("runs/", "gap", "Event 2")]
    [InlineData("runs/", "no end", "does not hold a whole run")]
    [InlineData("runs/", "image inside", "stands in the file itself")]
    [InlineData("teams/", "not json", "")]
    [InlineData("teams/", """{"name":"T","strategy":"nothing","agents":[{"name":"A"}]}""", "nothing")]
    [InlineData("teams/", """{"name":"T","strategy":"self-consistency","agents":[]}""", "")]
    public async Task Import_BrokenTeamOrRun_NothingIsKept(string folder, string damage, string reason)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var teams = (await Teams(workbench).ListAsync(Test)).Count;
        var bundle = Rewrite(await ExportElsewhereAsync(), folder, content => damage switch
        {
            "gap" => Edit(content, run => run["events"]!.AsArray().RemoveAt(1)),
            "no end" => Edit(content, run => run["events"]!.AsArray().RemoveAt(run["events"]!.AsArray().Count - 1)),
            "image inside" => Edit(content, run => run["images"]![0]!["data"] = "AAAA"),
            _ => Encoding.UTF8.GetBytes(damage),
        });

        var report = await ImportAsync(workbench, bundle, ImportTarget.New("Eggs"));

        Assert.Contains(report.Faults, fault => fault.Place.StartsWith(folder, StringComparison.Ordinal) && fault.Reason.Contains(reason, StringComparison.Ordinal));
        await AssertUntouchedAsync(workbench, teams);
    }

    [Fact]
    public async Task Import_RunWhosePictureIsNotInTheBundle_IsLeftOutAndSaid()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var bundle = Rewrite(await ExportElsewhereAsync(), "images/", _ => null);

        var report = await ImportAsync(workbench, bundle, ImportTarget.New("Eggs"));

        Assert.Equal((1, 1, 0, 2), (report.Taken, report.Teams, report.Runs, report.SkippedCount));
        Assert.All(report.Skipped, skipped => Assert.Contains("images is not there", skipped.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_CasesCannotBeSaved_TeamsAndRunsAreTakenBack()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var teams = (await Teams(workbench).ListAsync(Test)).Count;

        var report = await ImportAsync(workbench, await ExportElsewhereAsync(), ImportTarget.Into(Guid.NewGuid()));

        Assert.Contains("not there any more", Assert.Single(report.Faults).Reason, StringComparison.Ordinal);
        await AssertUntouchedAsync(workbench, teams);
    }

    [Fact]
    public async Task Export_RunsInAnotherFormat_Is400WithAReason()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var (dataset, _) = await workbench.App.Services.GetRequiredService<ICaseStore>().CreateAsync("E", new CaseBatch([]), Test);
        using var response = await workbench.Owner.GetAsync($"/api/cases/{dataset.Id}/export/coco?runs=true", Test);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("muse-bundle alone", await response.Content.ReadAsStringAsync(Test), StringComparison.Ordinal);
    }

    private static ITeamStore Teams(TestWorkbench workbench) => workbench.App.Services.GetRequiredService<ITeamStore>();

    private static IRunCatalog Catalog(TestWorkbench workbench) => workbench.App.Services.GetRequiredService<IRunCatalog>();

    private static ValueTask<ImageRef> PictureAsync(TestWorkbench workbench) => workbench.App.Services.GetRequiredService<IImageStore>().AddAsync(s_png, "part", Test);

    private static async Task<RunScript> KeepRunAsync(TestWorkbench workbench)
    {
        var script = new RunScript(1);
        script.Think(0, "I see").Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "crop", Arguments = "{}" })
            .Add(new ToolReturned { Agent = 0, CallId = "c", Result = "ok", Image = await PictureAsync(workbench) }).Finish();
        await workbench.App.Services.GetRequiredService<IRunStore>().AppendAsync([.. script.Events], Test);
        return script;
    }

    /// <summary>A case promoted from one run, and an experiment over it with one cell that another answered.</summary>
    private static async Task<Guid> DatasetAsync(TestWorkbench workbench, Guid promoted, Guid cell)
    {
        var services = workbench.App.Services;
        var @case = new Case { Id = "a", Prompt = "How many?", Expected = "3", Provenance = new CaseProvenance { RunId = promoted } };
        var (dataset, _) = await services.GetRequiredService<ICaseStore>().CreateAsync("Eggs", new CaseBatch([@case]), Test);
        var team = new TeamSpec { Name = "Counters", Agents = [new AgentSpec { Name = "One" }] };
        var experiments = services.GetRequiredService<IExperimentStore>();
        var experiment = new Experiment
        {
            Id = Guid.NewGuid(), Name = "E", CreatedAt = DateTimeOffset.UnixEpoch, DatasetId = dataset.Id, DatasetName = "Eggs", Version = 1, ScoredVersion = 1,
            Cases = 1, Repeats = 1, SeedBase = 1, Teams = [new ExperimentTeam(team, TeamHash.Of(team))], State = ExperimentState.Running,
        };
        await experiments.CreateAsync(experiment, [ExperimentCase.Of(0, @case)], (_, _) => 1, Test);
        var lease = await experiments.ClaimAsync("test", DateTimeOffset.MaxValue, cell, Test);
        await experiments.CompleteAsync(lease!.Cell, "test", new CellResult { Score = 1, Passed = true, FinishedAt = DateTimeOffset.UnixEpoch }, Test);
        return dataset.Id;
    }

    private static async Task<byte[]> ExportElsewhereAsync()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var dataset = await DatasetAsync(workbench, (await KeepRunAsync(workbench)).Id, (await KeepRunAsync(workbench)).Id);
        return await workbench.Owner.GetByteArrayAsync($"/api/cases/{dataset}/export/muse-bundle?runs=true", Test);
    }

    private static async Task<ImportReport> ImportAsync(TestWorkbench workbench, byte[] bundle, ImportTarget target)
    {
        using var files = new ZipImportFiles("bundle.zip", new MemoryStream(bundle));
        return await workbench.App.Services.GetRequiredService<CaseImporter>().ImportAsync(files, target, cancellationToken: Test);
    }

    private static async Task AssertUntouchedAsync(TestWorkbench workbench, int teams)
    {
        Assert.Empty(await workbench.App.Services.GetRequiredService<ICaseStore>().ListAsync(Test));
        Assert.Equal(0, (await Catalog(workbench).FindAsync(new RunQuery { Experiments = ExperimentRuns.Include }, Test)).Total);
        Assert.Equal(teams, (await Teams(workbench).ListAsync(Test)).Count);
    }

    private static async Task<JsonNode?> EventsAsync(TestWorkbench workbench, Guid run) =>
        JsonNode.Parse(await workbench.Owner.GetByteArrayAsync($"/api/runs/{run}/export.json", Test))!["events"];

    private static byte[] Edit(byte[] content, Action<JsonNode> change)
    {
        var node = JsonNode.Parse(content)!;
        change(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    /// <summary>The bundle with every file of a folder changed, or without it.</summary>
    private static byte[] Rewrite(byte[] bundle, string folder, Func<byte[], byte[]?> change)
    {
        using var into = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(bundle), ZipArchiveMode.Read))
        using (var to = new ZipArchive(into, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in from.Entries)
            {
                using var content = new MemoryStream();
                using (var stream = entry.Open())
                {
                    stream.CopyTo(content);
                }

                var bytes = entry.FullName.StartsWith(folder, StringComparison.Ordinal) ? change(content.ToArray()) : content.ToArray();
                if (bytes is null)
                {
                    continue;
                }

                using var written = to.CreateEntry(entry.FullName).Open();
                written.Write(bytes);
            }
        }

        return into.ToArray();
    }
}
