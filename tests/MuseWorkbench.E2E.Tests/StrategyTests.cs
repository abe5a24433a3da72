using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Every strategy once, on the real model, from outside.</summary>
public sealed class StrategyTests(StrategyTests.Product product) : IClassFixture<StrategyTests.Product>
{
    private static readonly Dictionary<string, JsonObject?> s_strategies = new()
    {
        ["single"] = null,
        ["self-consistency"] = null,
        ["adaptive-self-consistency"] = null,
        ["confidence-voting"] = new() { ["warmUp"] = 2, ["groupTokens"] = 16 },
        ["best-of-n"] = null,
        ["synthesis"] = null,
        ["mixture-of-agents"] = null,
        ["debate"] = null,
        ["council"] = null,
        ["parallel-distil-refine"] = new() { ["rounds"] = 1 },
        ["recursive-self-aggregation"] = new() { ["rounds"] = 1, ["subsetSize"] = 2 },
    };

    public static TheoryData<string> Names => [.. s_strategies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_RealModel_EndsWithAnAnswer(string strategy)
    {
        var events = await product.RunAsync(strategy, strategy == "single" ? 1 : 4, s_strategies[strategy]?.DeepClone());

        var final = Assert.Single(events, e => Type(e) == "final.answer");
        var end = events[^1];
        Assert.Equal("completed", (string?)end["outcome"]);
        Assert.NotEqual("", (string?)final["answer"]);
        var generated = events.Where(e => Type(e) == "agent.finished").Sum(e => (int)e["usage"]!["generatedTokens"]!);
        Assert.Equal(generated, (int)end["totalTokens"]!);
        Assert.InRange((int)end["criticalPathTokens"]!, 1, generated);
        // Agents after the first find image and question in the cache, whatever stage they are in.
        Assert.All(
            events.Where(e => Type(e) == "agent.finished" && (int)e["agent"]! > 3 && (string?)e["outcome"] == "answered"),
            e => Assert.InRange((int)e["usage"]!["cachedTokens"]!, 64, int.MaxValue));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{strategy}: {final["outcome"]} {final["answer"]}, {end["totalTokens"]} tokens, path {end["criticalPathTokens"]}, {end["wallClockMs"]} ms, verdict {final["verdict"]?.ToJsonString()}, spared {final["earlyStop"]?.ToJsonString()}");
    }

    [Fact]
    public async Task Run_ConfidenceVoting_NodeMeasuresIt()
    {
        var events = await product.RunAsync("confidence-voting", 4, new JsonObject { ["warmUp"] = 0, ["keepShare"] = 1 });

        Assert.All(events.Where(e => Type(e) == "agent.finished"), e => Assert.InRange((double)e["confidence"]!["bottom10"]!, 0.1, 100));
        Assert.All(events.Single(e => Type(e) == "final.answer")["options"]!.AsArray(), o => Assert.InRange((double)o!["weight"]!, 0.1, 1000));
    }

    private static string? Type(JsonNode e) => (string?)e["type"];

    /// <summary>One workbench and its node for all of them.</summary>
    public sealed class Product : IAsyncLifetime
    {
        private Workbench _workbench = null!;
        private HttpClient _client = null!;
        private JsonNode _image = null!;

        public async ValueTask InitializeAsync()
        {
            _workbench = await Workbench.StartAsync();
            _client = new HttpClient { BaseAddress = new Uri(_workbench.Url, "/"), Timeout = TimeSpan.FromMinutes(3) };
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HttpUtility.ParseQueryString(_workbench.Url.Query)["token"]);
            using var upload = await _client.PostAsync(
                "images?name=scene-03.png", new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Sample("scene-03.png"))));
            _image = (await upload.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
        }

        /// <summary>Starts a run and reads its events to the end.</summary>
        public async Task<List<JsonNode>> RunAsync(string strategy, int agents, JsonNode? options)
        {
            var stop = TestContext.Current.CancellationToken;
            var team = new JsonObject
            {
                ["name"] = "Team", ["strategy"] = strategy, ["options"] = options,
                ["agents"] = new JsonArray([.. Enumerable.Range(1, agents).Select(n => new JsonObject
                {
                    ["name"] = $"Agent {n}", ["sampling"] = new JsonObject { ["temperature"] = 0.8, ["seed"] = 11 }, ["maxTokens"] = 256,
                })]),
            };
            var request = new JsonObject { ["prompt"] = "How many eggs do you see?", ["images"] = new JsonArray(_image.DeepClone()), ["team"] = team };
            using var started = await _client.PostAsJsonAsync("api/runs", request, stop);
            Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync(stop));
            var runId = (string?)(await started.Content.ReadFromJsonAsync<JsonNode>(stop))!["runId"];
            var stream = await _client.GetStringAsync($"api/runs/{runId}/events", stop);
            return [.. stream.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!)];
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _workbench.DisposeAsync();
        }
    }
}
