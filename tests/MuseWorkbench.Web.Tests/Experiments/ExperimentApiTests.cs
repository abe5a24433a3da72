using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Web.Features.Experiments.Eval;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Experiments;

/// <summary>Experiments over real HTTP, a real database and scripted answers.</summary>
public sealed class ExperimentApiTests : IAsyncLifetime
{
    private const string Hostile = "<script>alert('x')</script> \"&\u0001 =1+1, ];]]>";

    private readonly Answers _answers = new();
    private TestWorkbench _workbench = null!;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _workbench = await TestWorkbench.StartAsync(configure: builder => builder.Services.AddSingleton<ICellRuns>(_answers));

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Create_RunsToItsEnd_CellsAndResultsAreThere()
    {
        var dataset = await PublishAsync(new Case { Id = "a", Prompt = "a", Expected = "a" }, new Case { Id = "b", Prompt = "wrong", Expected = "b" });

        var id = await RunAsync(dataset);

        var results = await GetAsync($"/api/experiments/{id}/results");
        Assert.Equal(0.5, (double)results["teams"]![0]!["summary"]!["accuracy"]!["value"]!);
        Assert.StartsWith("Single agent scores 50.0 %", (string?)Assert.Single(results["verdicts"]!.AsArray()), StringComparison.Ordinal);
        var failures = await GetAsync($"/api/experiments/{id}/cells?filter=failures");
        Assert.Equal((1, "b"), ((int)failures["total"]!, (string?)failures["rows"]![0]!["case"]!["key"]!["caseId"]));
        using var nonsense = await _workbench.Owner.GetAsync($"/api/experiments/{id}/cells?filter=7", Test);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        Assert.Equal((string?)id.ToString(), (string?)(await GetAsync("/api/experiments"))[0]!["id"]);
        Assert.Equal(2, (int)(await GetAsync($"/api/datasets/{dataset}/cases?version=1"))["total"]!);
    }

    [Fact]
    public async Task Create_DraftUnpublished_409WithWhatToDo()
    {
        var (dataset, _) = await Cases.CreateAsync("D", new CaseBatch([new Case { Id = "a", Prompt = "a", Expected = "a" }]), Test);

        using var response = await _workbench.Owner.PostAsJsonAsync("/api/experiments", new { datasetId = dataset.Id, teams = new[] { new { preset = "single" } } }, Test);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("publish_first", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Test))!["error"]!["code"]);
    }

    [Theory]
    [InlineData("""{"teams":[{"preset":"single"}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"dataset":"none","teams":[{"preset":"single"}]}""", HttpStatusCode.NotFound)]
    [InlineData("""{"dataset":"none","teams":[{"preset":"nothing"}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"dataset":"none","teams":[],"typo":1}""", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    public async Task Create_CannotBeSo_IsRefused(string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _workbench.Owner.PostAsync("/api/experiments", content, Test);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEqual("", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Test))!["error"]!["message"] ?? "");
    }

    [Fact]
    public async Task Act_OverAlready_409_UnknownOne_404()
    {
        var id = await RunAsync(await PublishAsync(new Case { Id = "a", Prompt = "a", Expected = "a" }));

        foreach (var act in (string[])["pause", "resume", "cancel", "retry", "missing"])
        {
            using var over = await _workbench.Owner.PostAsync($"/api/experiments/{id}/{act}", null, Test);
            using var unknown = await _workbench.Owner.PostAsync($"/api/experiments/{Guid.NewGuid()}/{act}", null, Test);
            Assert.Equal((act, HttpStatusCode.Conflict, HttpStatusCode.NotFound), (act, over.StatusCode, unknown.StatusCode));
        }

        Assert.Equal(1, (int)(await PostAsync($"/api/experiments/{id}/rescore"))["rescored"]!);
        using var deleted = await _workbench.Owner.DeleteAsync($"/api/experiments/{id}", Test);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Reports_HostileTexts_AreTextsInEveryFormat()
    {
        _answers.Answer = _ => Hostile;
        var id = await RunAsync(await PublishAsync(new Case { Id = "<i>case</i>", Prompt = Hostile, Expected = "b" }));

        var html = await TextAsync($"/api/experiments/{id}/report.html");
        var json = JsonNode.Parse(await TextAsync($"/api/experiments/{id}/report.json"))!;
        var csv = await TextAsync($"/api/experiments/{id}/report.csv");
        var xml = XDocument.Parse(await TextAsync($"/api/experiments/{id}/report.xml"));

        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>case", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert", html, StringComparison.Ordinal);
        Assert.Equal(Hostile, (string?)json["cells"]![0]!["result"]!["answer"]);
        Assert.Contains("\"" + Hostile.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"", csv, StringComparison.Ordinal);
        using var eval = new ZipArchive(new MemoryStream(await BytesAsync($"/api/experiments/{id}/report.eval")));
        var sample = JsonNode.Parse(eval.Entries.Single(entry => entry.FullName.StartsWith("samples/", StringComparison.Ordinal)).Open())!;
        Assert.Equal(("<i>case</i>", Hostile, 0), ((string?)sample["id"], (string?)sample["output"]!["completion"], (int)sample["scores"]!["score"]!["value"]!));
        Assert.Equal(("success", 1), ((string?)JsonNode.Parse(eval.GetEntry("header.json")!.Open())!["status"], JsonNode.Parse(eval.GetEntry("summaries.json")!.Open())!.AsArray().Count));
        var test = xml.Descendants("testcase").Single();
        Assert.Equal(("<i>case</i>", 1), ((string?)test.Attribute("name"), test.Elements("failure").Count()));
        Assert.Equal(Hostile.Replace('\u0001', '\uFFFD'), test.Element("failure")!.Value);
        using var unknown = await _workbench.Owner.GetAsync($"/api/experiments/{id}/report.pdf", Test);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task OpenApi_DescribesExperiments()
    {
        var document = await GetAsync("/openapi/v1.json");

        Assert.NotNull(document["paths"]!["/api/experiments"]!["post"]);
        Assert.NotNull(document["paths"]!["/api/datasets/{id}/cases"]);
    }

    [Theory]
    [InlineData("", "Which dataset?")]
    [InlineData("--dataset D", "Which team?")]
    [InlineData("--dataset D --team single --repeats 0", "--repeats is a whole number from 1 to 64, not '0'.")]
    [InlineData("--dataset D --team single --fail-under 2", "--fail-under is a share from 0 to 1, not '2'.")]
    [InlineData("--dataset D --team single --report out.pdf", "A report is html, json, csv, xml or eval")]
    [InlineData("--dataset --team single", "--dataset needs a value.")]
    [InlineData("--dataset D --dataset E --team single", "--dataset stands there twice.")]
    [InlineData("--what", "There is no option '--what'.")]
    public async Task Eval_ArgumentsWrong_TwoWithTheReason(string args, string reason)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());

        var code = await EvalCommand.RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, errors);

        Assert.Equal(2, code);
        Assert.StartsWith(reason, errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5", 0)]
    [InlineData("0.6", 1)]
    public async Task Eval_File_VerdictReportAndExitCodeByThreshold(string failUnder, int expected)
    {
        using var folder = new TempFolder();
        var (file, report) = (Path.Combine(folder.Path, "cases.jsonl"), Path.Combine(folder.Path, "out.json"));
        await File.WriteAllTextAsync(file, """
            {"id":"a","input":"a","target":"a"}
            {"id":"b","input":"wrong","target":"b"}

            """, Test);
        var (output, errors) = (new StringWriter(), new StringWriter());

        var code = await EvalCommand.RunAsync(
            ["--dataset", file, "--team", "single", "--report", report, "--fail-under", failUnder, "--data", Path.Combine(folder.Path, "data")], output, errors,
            builder =>
            {
                builder.Configuration["Node:Start"] = "false";
                builder.Services.AddSingleton<ICellRuns>(_answers);
            });

        Assert.True(code == expected, errors.ToString());
        Assert.Contains("scores 50.0 %", output.ToString(), StringComparison.Ordinal);
        Assert.Equal("muse-experiment", (string?)JsonNode.Parse(await File.ReadAllTextAsync(report, Test))!["format"]);
    }

    private ICaseStore Cases => _workbench.App.Services.GetRequiredService<ICaseStore>();

    private async Task<Guid> PublishAsync(params Case[] cases)
    {
        var (dataset, _) = await Cases.CreateAsync("D", new CaseBatch(cases), Test);
        using var response = await _workbench.Owner.PostAsync($"/api/datasets/{dataset.Id}/publish", null, Test);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return dataset.Id;
    }

    private async Task<Guid> RunAsync(Guid dataset)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = _workbench.App.Services.GetRequiredService<ExperimentService>();
        async Task LookAsync(Guid id)
        {
            if (await service.GetProgressAsync(id, Test) is { Experiment.State: ExperimentState.Completed })
            {
                over.TrySetResult();
            }
        }

        service.Changed += id => _ = LookAsync(id);
        using var response = await _workbench.Owner.PostAsJsonAsync("/api/experiments", new { datasetId = dataset, teams = new[] { new { preset = "single" } } }, Test);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = JsonNode.Parse(await response.Content.ReadAsStringAsync(Test))!;
        var id = (Guid)made["experiment"]!["id"]!;
        await LookAsync(id);
        await over.Task.WaitAsync(Test);
        return id;
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await TextAsync(path))!;

    private async Task<string> TextAsync(string path)
    {
        using var response = await _workbench.Owner.GetAsync(path, Test);
        var text = await response.Content.ReadAsStringAsync(Test);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {text}");
        return text;
    }

    private async Task<byte[]> BytesAsync(string path)
    {
        using var response = await _workbench.Owner.GetAsync(path, Test);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return await response.Content.ReadAsByteArrayAsync(Test);
    }

    private async Task<JsonNode> PostAsync(string path)
    {
        using var response = await _workbench.Owner.PostAsync(path, null, Test);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Test))!;
    }

    /// <summary>Runs that are over as soon as they begin, and say what the test says.</summary>
    private sealed class Answers : ICellRuns
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, RunEvent[]> _runs = new();

        public Func<RunRequest, string> Answer { get; set; } = request => request.Prompt;

        public ScoringServices Scoring { get; } = new();

        public string? Fault(TeamSpec team) => null;

        public Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken)
        {
            _runs[runId] =
            [
                new RunStarted { Request = request },
                new FinalAnswer { Outcome = FinalOutcome.Single, Answer = Answer(request), Options = [], Agreement = 1 },
                new RunFinished { Outcome = RunOutcome.Completed, WallClockMs = 100, TotalTokens = 5, CriticalPathTokens = 5 },
            ];
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RunEvent>>(_runs.GetValueOrDefault(runId, []));

        public void Stop(Guid runId)
        {
        }

        public Task DiscardAsync(Guid runId, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
