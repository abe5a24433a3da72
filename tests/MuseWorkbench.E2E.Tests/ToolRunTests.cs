using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MuseWorkbench.Web.Tests.Pool;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Tools the bundled model doesn't call, called over HTTP by one that does: what comes back to it, to the run's events, to the panel.</summary>
public sealed class ToolRunTests(BrowserFixture fixture)
{
    /// <summary>Named so that its places are read as Qwen3-VL writes them.</summary>
    private const string Model = "qwen3-vl-scripted";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tools_CalledByAServersModel_ReachConversationEventsPanelAndStore()
    {
        await using var server = await ScriptedServer.StartAsync(model: Model, script: Answer);
        await using var workbench = await StartAsync(server);
        string run;
        using (var client = workbench.NewClient())
        {
            await Workbench.UntilPoolIsReadyAsync(client, Test);
            run = await BeginAsync(client);
            AssertEvents(await Workbench.FollowAsync(client, run, Test));
        }

        AssertConversation([.. server.Requests.Where(request => request["stream"]?.GetValue<bool>() == true)]);

        // What another process shows of it, it has from the store.
        await workbench.KillAsync();
        await using var again = await workbench.StartAgainAsync();
        await AssertPanelAsync(again, run);
    }

    private static void AssertConversation(JsonObject[] requests)
    {
        Assert.Equal(3, requests.Length);
        Assert.Equal(["measure", "table_lookup", "count_regions", "crop"], requests[0]["tools"]!.AsArray().Select(tool => tool!["function"]!["name"]!.GetValue<string>()));

        var first = Results(requests[1]);
        Assert.Matches("^Size: 120 × 120 pixels, 25 % of the image\\. Mean colour: red [0-9]+, green [0-9]+, blue [0-9]+ of 255\\. Distance: 170 pixels between the centres, 0 between the nearest edges\\.$", first["m1"]);
        Assert.Equal("name: egg, price: 0.30", first["t1"]);
        Assert.Equal("2", first["c1"]); // three boxes named, two of them of one egg

        var second = Results(requests[2]);
        Assert.StartsWith("The part follows as a picture, 120 × 120 pixels of the image shown as 240 × 240.", second["p1"], StringComparison.Ordinal);
        Assert.Equal("Error: \"box\" must be a list of four numbers from 0 to 1000: left, top, right, bottom. measure takes box, other (optional), image (optional).", second["m2"]);
        Assert.StartsWith("Error: The arguments are not valid JSON.", second["m3"], StringComparison.Ordinal);
        Assert.Equal("Error: The tool nutrition is not allowed here. You may call: measure, table_lookup, count_regions, crop.", second["n1"]);
        var picture = Assert.IsType<JsonArray>(requests[2]["messages"]!.AsArray()[^1]!["content"]).First(part => part!["type"]!.GetValue<string>() == "image_url")!;
        var data = picture["image_url"]!["url"]!.GetValue<string>();
        var png = Convert.FromBase64String(data[(data.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        Assert.Equal("PNG", System.Text.Encoding.ASCII.GetString(png, 1, 3));
        Assert.Equal((240, 240), (BigEndian(png, 16), BigEndian(png, 20)));
    }

    private static void AssertEvents(List<JsonNode> events)
    {
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e["seq"]!.GetValue<int>()));
        var called = Of(events, "tool.called").ToDictionary(e => e["callId"]!.GetValue<string>(), e => e["tool"]!.GetValue<string>());
        var returned = Of(events, "tool.returned").Select(e => (Tool: called[e["callId"]!.GetValue<string>()], IsError: e["isError"]!.GetValue<bool>()));
        Assert.Equal(
            [("count_regions", false), ("crop", false), ("measure", false), ("measure", true), ("measure", true), ("nutrition", true), ("table_lookup", false)],
            returned.OrderBy(r => r.Tool, StringComparer.Ordinal).ThenBy(r => r.IsError));
        Assert.Equal(240, Assert.Single(Of(events, "tool.returned"), e => e["image"] is not null)["image"]!["width"]!.GetValue<int>());
        // Named before the crop, they are in the image; named after it, they could be in either.
        Assert.Equal(3, Of(events, "region.found").Count());
        Assert.Equal(("answered", "2 eggs, 0.60"), (Of(events, "agent.finished").Single()["outcome"]!.GetValue<string>(), Of(events, "agent.finished").Single()["answer"]!.GetValue<string>().Split('\n')[0]));
    }

    private async Task AssertPanelAsync(Workbench workbench, string run)
    {
        var page = await (await workbench.BrowseAsync(fixture.Browser)).NewPageAsync();
        await page.GotoAsync(workbench.Url.ToString());
        await page.GotoAsync(new Uri(workbench.Url, $"/runs/{run}").ToString());
        var panel = page.Locator("article.panel");
        await Expect(panel.Locator("details.call")).ToHaveCountAsync(7);
        await Expect(panel.Locator("details.call.bad")).ToHaveCountAsync(3);
        await Expect(panel.Locator("[data-call=measure] .result").First).ToHaveTextAsync(new Regex("^→ Size: 120 × 120 pixels"));
        await Expect(panel.Locator("[data-call=table_lookup] .result")).ToHaveTextAsync("→ name: egg, price: 0.30");
        await Expect(panel.Locator("[data-call=count_regions] .result")).ToHaveTextAsync("→ 2");
        await Expect(panel.Locator("[data-call=nutrition] .result")).ToHaveTextAsync(new Regex("^failed: The tool nutrition is not allowed here"));
        var picture = panel.Locator("[data-call=crop] img");
        await picture.ScrollIntoViewIfNeededAsync();
        await Expect(picture).ToHaveJSPropertyAsync("naturalWidth", 240);
        await Expect(panel.Locator(".ans")).ToContainTextAsync("2 eggs, 0.60");
    }

    /// <summary>What the model says by how far the conversation is: places and three calls; four calls, three of them wrong; the answer.</summary>
    private static JsonObject Answer(JsonObject request) => Results(request).Count switch
    {
        0 => Message(
            """[{"bbox_2d":[100,100,300,300],"label":"egg"},{"bbox_2d":[110,100,300,300],"label":"egg"},{"bbox_2d":[600,100,800,300],"label":"eggs"}]""",
            ("m1", "measure", """{"box":[0,0,500,500],"other":[500,500,1000,1000]}"""),
            ("t1", "table_lookup", """{"column":"name","value":"EGG"}"""),
            ("c1", "count_regions", """{"label":"egg"}""")),
        3 => Message(
            "",
            ("p1", "crop", """{"box":[0,0,500,500]}"""),
            ("m2", "measure", """{"box":[0,0]}"""),
            ("m3", "measure", """{"box":"""),
            ("n1", "nutrition", """{"items":["egg"]}""")),
        _ => Message("2 eggs, 0.60\n" + """{"bbox_2d":[0,0,500,500],"label":"egg"}"""),
    };

    private static JsonObject Message(string content, params (string Id, string Name, string Arguments)[] calls)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = content };
        if (calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray([.. calls.Select((call, index) => new JsonObject
            {
                ["index"] = index, ["id"] = call.Id, ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments },
            })]);
        }

        return message;
    }

    /// <summary>What tools gave back, by the id of the call, as the server was sent it.</summary>
    private static Dictionary<string, string> Results(JsonObject request) => request["messages"]!.AsArray()
        .Where(message => message!["role"]!.GetValue<string>() == "tool")
        .ToDictionary(message => message!["tool_call_id"]!.GetValue<string>(), message => message!["content"]!.GetValue<string>());

    /// <summary>The engine node of its own opens images and makes pictures of them; the agents sit on the server.</summary>
    private static Task<Workbench> StartAsync(ScriptedServer server) => Workbench.StartAsync(
        "--Pool:Members:0:Name=own", "--Pool:Members:0:Kind=local", "--Pool:Members:1:Name=server", $"--Pool:Members:1:Url={server.Url}", "--Engine:Threads=1");

    private static async Task<string> BeginAsync(HttpClient client)
    {
        var image = await client.PostAsync("/images?name=scene.png", new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Sample("scene-02.png"), Test)), Test);
        var request = new JsonObject
        {
            ["prompt"] = "What do the eggs cost?",
            ["images"] = new JsonArray(new JsonObject { ["sha256"] = (await image.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("sha256").GetString() }),
            ["tables"] = new JsonArray(new JsonObject { ["name"] = "prices.csv", ["csv"] = "name,price\negg,0.30\napple,0.50" }),
            ["team"] = new JsonObject
            {
                ["name"] = "One",
                ["agents"] = new JsonArray(new JsonObject { ["name"] = "A", ["model"] = Model, ["tools"] = new JsonArray("measure", "table_lookup", "count_regions", "crop") }),
            },
        };
        using var response = await client.PostAsJsonAsync("/api/runs", request, Test);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Test));
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetString()!;
    }

    private static IEnumerable<JsonNode> Of(IEnumerable<JsonNode> events, string type) => events.Where(e => e["type"]!.GetValue<string>() == type);

    private static int BigEndian(byte[] bytes, int at) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
}
