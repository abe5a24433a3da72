using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using MuseWorkbench.Web.Tests.Pool;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// Two engines of this workbench and a server of another kind behind one pool, sixteen agents over them. <c>MUSE_POOL_DRILLS</c>
/// says how often one of the engines is killed in the middle of a run.
/// </summary>
public sealed class PoolTests(BrowserFixture fixture)
{
    private const int Agents = 16;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SixteenAgents_OneEngineKilledAgainAndAgain_AllAnswerOnce()
    {
        var drills = int.Parse(Environment.GetEnvironmentVariable("MUSE_POOL_DRILLS") ?? "3", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("MUSE_KILL_SEED") ?? "20261", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        await using var server = await ScriptedServer.StartAsync();
        server.Pace = TimeSpan.FromMilliseconds(30);
        await using var process = await StartAsync(server);
        using var client = process.NewClient();
        await Workbench.UntilPoolIsReadyAsync(client, Test);
        var (continued, restarted, servers) = (0, 0, new HashSet<string>());
        for (var drill = 1; drill <= drills; drill++)
        {
            // Slow until the kill, so that agents are at work then.
            using var slow = process.Engine.Slow();
            var events = await FollowAsync(client, await BeginAsync(client), async () =>
            {
                await Task.Delay(random.Next(0, 600), Test);
                var nodes = process.NodeProcesses();
                Process.GetProcessById(nodes[random.Next(nodes.Count)]).Kill();
                slow.Dispose();
            });

            Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e["seq"]!.GetValue<int>()));
            Assert.Equal(Enumerable.Range(0, Agents), Of(events, "agent.finished").Select(e => e["agent"]!.GetValue<int>()).Order());
            Assert.All(Of(events, "agent.finished"), e => Assert.Contains(e["outcome"]!.GetValue<string>(), (string[])["answered", "lengthLimit"]));
            Assert.Equal("completed", Assert.Single(Of(events, "run.finished"))["outcome"]!.GetValue<string>());
            // Begun once each, and once more for each that could not go on from what it had said.
            var again = Of(events, "agent.rerouted").Where(e => !e["continued"]!.GetValue<bool>()).Select(e => e["agent"]!.GetValue<int>()).ToArray();
            Assert.Equal(Enumerable.Range(0, Agents).Concat(again).Order(), Of(events, "agent.started").Select(e => e["agent"]!.GetValue<int>()).Order());
            continued += Of(events, "agent.rerouted").Count() - again.Length;
            restarted += again.Length;
            servers.UnionWith(Of(events, "agent.placed").Select(e => e["server"]!.GetValue<string>()));
            await Workbench.UntilPoolIsReadyAsync(client, Test);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{drills} drills (seed {seed}): {drills * Agents} agents, {continued} went on elsewhere, {restarted} began again, none lost, none doubled.");
        Assert.True(servers.Count > 1, "The agents did not spread.");
        Assert.True(continued + restarted > 0, "No kill hit an agent.");
    }

    [Fact]
    public async Task Page_RunOverThreeServers_ShowsWhoSitsWhereAndDrains()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Pace = TimeSpan.FromMilliseconds(200);
        await using var process = await StartAsync(server);
        using var client = process.NewClient();
        await Workbench.UntilPoolIsReadyAsync(client, Test);
        var page = await (await process.BrowseAsync(fixture.Browser)).NewPageAsync();
        await page.GotoAsync(process.Url.ToString());
        await page.GotoAsync(new Uri(process.Url, "/pool").ToString());
        await Expect(page.Locator("[data-member] .chip.ok")).ToHaveCountAsync(3);
        await Expect(page.Locator("section.map")).ToContainTextAsync("No agent is at work");

        string run;
        using (process.Engine.Slow())
        {
            run = await BeginAsync(client);
            await Expect(page.Locator(".lane")).Not.ToHaveCountAsync(0);
            await Expect(page.Locator(".lane .seat").First).ToBeVisibleAsync();
            await page.Locator("[data-member='b']").GetByRole(AriaRole.Button, new() { Name = "Drain" }).ClickAsync();
            await Expect(page.Locator("[data-member='b'] .chip")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("draining|drained"));
        }

        await FollowAsync(client, run);
        await Expect(page.Locator("[data-member='b'] .chip")).ToHaveTextAsync("drained");
        var after = await FollowAsync(client, await BeginAsync(client));
        Assert.DoesNotContain(Of(after, "agent.placed"), e => e["server"]!.GetValue<string>() == "b");

        // What is wrong with a server is said where it is typed.
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a server" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("more");
        await page.GetByLabel("Address").FillAsync("http://127.0.0.1:1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("It can't be reached");
        await page.GetByLabel("Address").FillAsync(server.Url);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-member='more'] .chip")).ToHaveTextAsync("ready");
        await page.Locator("[data-member='more']").GetByRole(AriaRole.Button, new() { Name = "Take more out" }).ClickAsync();
        await Expect(page.Locator("[data-member='more']")).ToHaveCountAsync(0);

        // A panel says where its agent works.
        await page.GotoAsync(new Uri(process.Url, $"/runs/{run}").ToString());
        await Expect(page.Locator("[data-server]")).ToHaveCountAsync(Agents);
    }

    private static Task<Workbench> StartAsync(ScriptedServer server) => Workbench.StartAsync(
        "--Pool:Members:0:Name=a", "--Pool:Members:0:Kind=local", "--Pool:Members:0:Engine:MaxSequences=8",
        "--Pool:Members:1:Name=b", "--Pool:Members:1:Kind=local", "--Pool:Members:1:Engine:MaxSequences=8",
        "--Pool:Members:2:Name=c", $"--Pool:Members:2:Url={server.Url}", "--Pool:Members:2:Rows=4", "--Engine:Threads=1");

    private static async Task<string> BeginAsync(HttpClient client)
    {
        var image = await client.PostAsync("/images?name=scene.png", new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Sample("scene-02.png"), Test)), Test);
        var sha256 = (await image.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("sha256").GetString();
        var request = new JsonObject
        {
            ["prompt"] = "What is on the table?",
            ["images"] = new JsonArray(new JsonObject { ["sha256"] = sha256 }),
            ["team"] = new JsonObject
            {
                ["name"] = "Sixteen",
                ["agents"] = new JsonArray([.. Enumerable.Range(1, Agents).Select(n => new JsonObject { ["name"] = $"A{n}", ["maxTokens"] = 200, ["sampling"] = new JsonObject { ["temperature"] = 1 } })]),
            },
        };
        using var response = await client.PostAsJsonAsync("/api/runs", request, Test);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetString()!;
    }

    /// <summary>Reads a run to its end.</summary>
    /// <param name="onFirstWord">Done once, after the first word of any agent.</param>
    private static Task<List<JsonNode>> FollowAsync(HttpClient client, string run, Func<Task>? onFirstWord = null) => Workbench.FollowAsync(client, run, Test, async happened =>
    {
        if (onFirstWord is not null && Type(happened) is "reasoning.delta" or "answer.delta")
        {
            await onFirstWord();
            onFirstWord = null;
        }
    });

    private static IEnumerable<JsonNode> Of(IEnumerable<JsonNode> events, string type) => events.Where(e => Type(e) == type);

    private static string Type(JsonNode e) => e["type"]!.GetValue<string>();
}
