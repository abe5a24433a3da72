using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Telemetry;
using MuseWorkbench.EngineNode.Telemetry;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Telemetry;

public sealed class PrometheusTests
{
    [Fact]
    public async Task Metrics_AfterRequests_TellWhatTheyAskedForAndHowTheyEnded()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Snapshot = TestSnapshots.Make(7) with { WaitingForPrefix = 1 };
        (await node.AskAsync("\"n\":2,\"max_tokens\":30")).Dispose();
        (await node.AskAsync("\"response_format\":{\"type\":\"json_object\"}")).Dispose();
        (await node.AskAsync("\"temperature\":9")).Dispose();

        var families = await ScrapeAsync(node);

        Assert.Equal((2, 1), (families["muse:num_requests_waiting"].Value(), families["muse:num_requests_waiting_by_reason"].Value(("reason", "deferred"))));
        Assert.Equal(
            (50, 30, 15),
            (families["muse:prompt_tokens_total"].Value(), families["muse:prompt_tokens_by_source_total"].Value(("source", "local_compute")),
             families["muse:prompt_tokens_by_source_total"].Value(("source", "local_cache_hit"))));
        Assert.Equal(5, families["muse:prompt_tokens_by_source_total"].Value(("source", "external_kv_transfer")));
        Assert.Equal(
            (50, 15, 35, 5),
            (families["muse:prefix_cache_queries_total"].Value(), families["muse:prefix_cache_hits_total"].Value(),
             families["muse:external_prefix_cache_queries_total"].Value(), families["muse:external_prefix_cache_hits_total"].Value()));
        Assert.Equal(1, families["muse:cache_config_info"].Value(("block_size", "1"), ("num_gpu_blocks", "100")));
        Assert.Equal((1, 1, 0), Outputs(families));
        Assert.Equal(1, families["muse:chat_request_errors_total"].Value(("code", "invalid_value")));
        Assert.Equal((2, 3), (families["muse:request_params_n"].Part("_count"), families["muse:request_params_n"].Part("_sum")));
        Assert.Equal((1, 30), (families["muse:request_params_max_tokens"].Part("_count"), families["muse:request_params_max_tokens"].Part("_sum")));
        Assert.Equal((2, 6), (families["muse:request_max_num_generation_tokens"].Part("_count"), families["muse:request_max_num_generation_tokens"].Part("_sum")));
        Assert.Equal(3, families["muse:request_success_total"].Value(("finished_reason", "stop")));
        Assert.Equal(23, families["muse:iteration_tokens_total"].Part("_sum"));
        Assert.Equal(3, families["muse:iteration_tokens_total"].Part("_bucket", ("le", "8")));
        Assert.True(families["process_resident_memory_bytes"].Value() > 1 << 20);
        Assert.True(families["process_cpu_seconds_total"].Value() > 0);
        Assert.InRange(
            families["process_start_time_seconds"].Value(), DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Fact]
    public void Write_HostileNames_AreEscapedAndReadBack()
    {
        const string name = "a\\b\"c\nd{e=\"f\"}";
        var writer = new PrometheusWriter("x:", ("label", name));
        writer.Gauge("one", "help with \\ and\na line", 1);
        writer.Histogram("two", "help", new HistogramSnapshot([0.1, 1], [1, 0, 2], 5.5));

        var families = ExpositionParser.Parse(writer.ToString());

        Assert.Equal(1, families["x:one"].Value(("label", name)));
        Assert.Equal("help with \\ and\na line", families["x:one"].Help);
        Assert.Equal((1, 1, 3), (families["x:two"].Part("_bucket", ("le", "0.1")), families["x:two"].Part("_bucket", ("le", "1")), families["x:two"].Part("_count")));
    }

    [Theory]
    [InlineData("# HELP a b\n# TYPE a gauge\na 1")]
    [InlineData("a 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n# TYPE a gauge\na 2\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na{l=\"x\\q\"} 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na{l=\"x\"}1\n")]
    [InlineData("# HELP a b\n# TYPE a summary\na 1\n")]
    public void Parse_NotTheFormat_IsRefused(string text) => Assert.Throws<InvalidDataException>(() => ExpositionParser.Parse(text));

    [Fact]
    public async Task Slots_Sequences_AreToldInLlamaServersNamesWithoutText()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Sequences =
        [
            new EngineSequence
            {
                Id = "chatcmpl-1", Slot = 3, State = SequenceState.Decoding, Run = "run", Agent = "scout", Priority = 2, PromptTokens = 100, CachedTokens = 60,
                ProcessedTokens = 40, GeneratedTokens = 7, RemainingTokens = 13, SharedCells = 99, PrivateCells = 8, Images = 1, AgeSeconds = 1.5,
            },
            new EngineSequence { Id = "prefix-4", Slot = 4, State = SequenceState.Pinned, PromptTokens = 50 },
        ];

        var text = await node.Client.GetStringAsync("/slots", Deadline.Token);

        Assert.Equal(
            """[{"id":"chatcmpl-1","id_slot":3,"state":"decoding","is_processing":true,"is_following":false,"run_id":"run","agent":"scout","priority":2,"n_prompt_tokens":100,"n_prompt_tokens_cache":60,"n_prompt_tokens_processed":40,"n_decoded":7,"n_remain":13,"n_cells_shared":99,"n_cells_private":8,"n_images":1,"n_preemptions":0,"age_s":1.5},""",
            text[..(text.IndexOf('}', StringComparison.Ordinal) + 2)]);
        Assert.Contains("\"state\":\"pinned\",\"is_processing\":false", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slots_WithoutKey_IsRefused()
    {
        await using var node = await TestNode.StartAsync(key: "secret");

        using var response = await node.Client.GetAsync("/slots", Deadline.Token);

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Complete_AgentNamed_ReachesTheEngine()
    {
        await using var node = await TestNode.StartAsync();

        (await node.AskAsync("\"agent\":\"scout\"")).Dispose();

        Assert.Equal("scout", Assert.Single(node.Engine.Requests).Agent);
    }

    private static (double, double, double) Outputs(IReadOnlyDictionary<string, ExpositionParser.Family> families)
    {
        var family = families["muse:chat_requests_total"];
        return (family.Value(("output", "free")), family.Value(("output", "grammar")), family.Value(("output", "tools")));
    }

    private static async Task<IReadOnlyDictionary<string, ExpositionParser.Family>> ScrapeAsync(TestNode node)
    {
        using var response = await node.Client.GetAsync("/metrics", Deadline.Token);
        Assert.Equal(PrometheusText.ContentType, response.Content.Headers.ContentType!.ToString());
        return ExpositionParser.Parse(await response.Content.ReadAsStringAsync(Deadline.Token));
    }
}
