using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Tests.Components;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Runs;

/// <summary>A run out to a file and in again, over HTTP.</summary>
public sealed class RunFileTests
{
    private const string Hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028-->";

    private static readonly byte[] s_png =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExportJson_ImportedElsewhere_SameRun()
    {
        await using var first = await TestWorkbench.StartAsync();
        var script = await KeepAsync(first, Hostile);
        var catalog = first.App.Services.GetRequiredService<IRunCatalog>();
        await catalog.RateAsync(script.Id, 5, Test);
        await catalog.SetTagsAsync(script.Id, ["a", "b"], Test);
        await catalog.SetNotesAsync(script.Id, "Look again", Test);
        var file = await first.Owner.GetByteArrayAsync($"/api/runs/{script.Id}/export.json", Test);

        await using var second = await TestWorkbench.StartAsync();
        using var imported = await second.Owner.PostAsync("/api/runs/import", new ByteArrayContent(file), Test);

        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        Assert.Equal(script.Id, (await imported.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetGuid());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(file), JsonNode.Parse(await second.Owner.GetByteArrayAsync($"/api/runs/{script.Id}/export.json", Test))));
        var record = await second.App.Services.GetRequiredService<IRunCatalog>().GetAsync(script.Id, Test);
        Assert.Equal((5, "Look again", "a b"), (record!.Rating, record.Notes, string.Join(' ', record.Tags)));
        Assert.Contains("here already", await RefusalAsync(second, file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExportJson_PictureOfATool_GoesWithIt()
    {
        await using var first = await TestWorkbench.StartAsync();
        var image = await first.App.Services.GetRequiredService<IImageStore>().AddAsync(s_png, "part", Test);
        var script = new RunScript(1);
        script.Add(new ToolCalled { Agent = 0, CallId = "c", Tool = "crop", Arguments = "{}" }).Add(new ToolReturned { Agent = 0, CallId = "c", Result = "ok", Image = image }).Finish();
        await first.App.Services.GetRequiredService<IRunStore>().AppendAsync([.. script.Events], Test);
        var file = await first.Owner.GetByteArrayAsync($"/api/runs/{script.Id}/export.json", Test);

        await using var second = await TestWorkbench.StartAsync();
        using var imported = await second.Owner.PostAsync("/api/runs/import", new ByteArrayContent(file), Test);
        using var served = await second.Owner.GetAsync($"/images/{image.Sha256}", Test);

        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        Assert.Equal(s_png, await served.Content.ReadAsByteArrayAsync(Test));
    }

    [Fact]
    public async Task Import_DamagedInAnyWay_RefusedAndNothingKept()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var whole = await ExportElsewhereAsync();
        (string Why, Action<JsonNode> Damage)[] damages =
        [
            ("another format", n => n["format"] = "other"),
            ("a later version", n => n["version"] = 2),
            ("no events", n => n["events"] = new JsonArray()),
            ("no end", n => n["events"]!.AsArray().RemoveAt(n["events"]!.AsArray().Count - 1)),
            ("a gap", n => n["events"]!.AsArray().RemoveAt(2)),
            ("another run's event", n => n["events"]![1]!["runId"] = Guid.NewGuid().ToString()),
            ("null text", n => n["events"]![1]!["text"] = null),
            ("null team", n => n["events"]![0]!["request"]!["team"]!["agents"] = null),
            ("too many agents", n => n["events"]![0]!["request"]!["team"]!["agents"] = new JsonArray([.. Enumerable.Range(0, TeamSpec.MaxAgents + 1).Select(_ => new JsonObject { ["name"] = "A" })])),
            ("null images", n => n["events"]![0]!["request"]!["images"] = null),
            ("an image that is a path", n => n["events"]![0]!["request"]!["images"]![0]!["sha256"] = "../keys"),
            ("a time out of time", n => n["events"]![1]!["at"] = "9999-12-31T23:59:59+00:00"),
            ("an unknown event", n => n["events"]![1]!["type"] = "run.praised"),
        ];
        foreach (var (why, damage) in damages)
        {
            var node = JsonNode.Parse(whole)!;
            damage(node);
            Assert.True(await RefusalAsync(workbench, Encoding.UTF8.GetBytes(node.ToJsonString())) is { Length: > 0 }, why);
        }

        Assert.NotEmpty(await RefusalAsync(workbench, "<html>"u8.ToArray()));
        Assert.NotEmpty(await RefusalAsync(workbench, whole[..(whole.Length / 2)]));
        Assert.Empty((await workbench.App.Services.GetRequiredService<IRunCatalog>().FindAsync(new RunQuery(), Test)).Runs);
    }

    [Fact]
    public async Task ExportHtml_HostileText_IsDataInOneScriptElementUnderAPolicy()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench, Hostile);

        using var response = await workbench.Owner.GetAsync($"/api/runs/{script.Id}/export.html", Test);
        var html = await response.Content.ReadAsStringAsync(Test);

        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(2, Regex.Count(html, "<script"));
        Assert.Equal(2, Regex.Count(html, "</script>"));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Matches("""<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'">""", html);
        // Notes are the user's own and stay out of what is passed on.
        Assert.DoesNotContain("remarks", html, StringComparison.Ordinal);
        var data = Regex.Match(html, """id="run">(.*?)</script>""", RegexOptions.Singleline).Groups[1].Value;
        Assert.Equal(Hostile, JsonNode.Parse(data)!["events"]![0]!["request"]!["prompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task Api_KeptRun_IsListedReadAndFoundAfterARestart()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench, "How many?");

        var list = await workbench.Owner.GetFromJsonAsync<JsonElement>("/api/runs", Test);
        Assert.Equal("completed", Assert.Single(list.EnumerateArray()).GetProperty("outcome").GetString());
        var events = await workbench.Owner.GetStringAsync($"/api/runs/{script.Id}/events?after=2", Test);
        Assert.Equal(script.Events.Count - 2, Regex.Count(events, "^data: ", RegexOptions.Multiline));
        using var unknown = await workbench.Owner.GetAsync($"/api/runs/{Guid.NewGuid()}/events", Test);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var resumed = await workbench.Owner.PostAsync($"/api/runs/{script.Id}/resume", null, Test);
        Assert.Equal(HttpStatusCode.Conflict, resumed.StatusCode);
    }

    private static async Task<byte[]> ExportElsewhereAsync()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench, "How many?");
        return await workbench.Owner.GetByteArrayAsync($"/api/runs/{script.Id}/export.json", Test);
    }

    private static async Task<RunScript> KeepAsync(TestWorkbench workbench, string prompt)
    {
        var script = new RunScript(1).Think(0, Hostile).Answer(0, Hostile).Final(FinalOutcome.Single, Hostile, 1, (Hostile, [0])).Finish();
        RunEvent[] events = [((RunStarted)script.Events[0]) with { Request = script.Request with { Prompt = prompt } }, .. script.Events.Skip(1)];
        await workbench.App.Services.GetRequiredService<IRunStore>().AppendAsync(events, Test);
        return script;
    }

    private static async Task<string> RefusalAsync(TestWorkbench workbench, byte[] file)
    {
        using var response = await workbench.Owner.PostAsync("/api/runs/import", new ByteArrayContent(file), Test);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("error").GetProperty("message").GetString()!;
    }
}
