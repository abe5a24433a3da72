using System.Net;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Telemetry;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Models_Ready_TellsTheModel()
    {
        await using var node = await TestNode.StartAsync();

        var list = await (await node.Client.GetAsync("/v1/models", Deadline.Token)).JsonAsync();

        Assert.Equal("list", (string)list["object"]!);
        var entry = Assert.Single(list["data"]!.AsArray())!;
        Assert.Equal(("fake-model", "model", "muse-workbench"), ((string)entry["id"]!, (string)entry["object"]!, (string)entry["owned_by"]!));
        Assert.True((long)entry["created"]! > 0);
        Assert.Equal(node.Engine.Model, entry["meta"].Deserialize<ModelInfo>(MuseJson.Options));
    }

    [Fact]
    public async Task Telemetry_Ready_IsTheLatestSnapshot()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Snapshot = TestSnapshots.Make(42);

        var text = await node.Client.GetStringAsync("/telemetry", Deadline.Token);

        Assert.Equal(TestSnapshots.Make(42), JsonSerializer.Deserialize<EngineSnapshot>(text, MuseJson.Options));
    }

    [Fact]
    public async Task TelemetryStream_Snapshots_ComeAsNamedEvents()
    {
        await using var node = await TestNode.StartAsync();
        using var reader = await OpenAsync(node);

        Assert.Equal(1, (await SnapshotAsync(reader)).Steps);
        node.Engine.Snapshots.Writer.TryWrite(TestSnapshots.Make(2));
        Assert.Equal(2, (await SnapshotAsync(reader)).Steps);
    }

    [Fact]
    public async Task TelemetryStream_Silence_SendsHeartbeats()
    {
        var time = new ManualTime();
        await using var node = await TestNode.StartAsync(time: time);
        using var reader = await OpenAsync(node);
        await SnapshotAsync(reader);

        for (var i = 0; i < 2; i++)
        {
            var deadline = Deadline.Token;
            while (time.Timers == 0)
            {
                await Task.Delay(5, deadline);
            }

            time.Advance(TelemetryEndpoints.Heartbeat);
            Assert.Equal(": heartbeat", await reader.ReadLineAsync(Deadline.Token));
            Assert.Equal("", await reader.ReadLineAsync(Deadline.Token));
        }

        node.Engine.Snapshots.Writer.TryWrite(TestSnapshots.Make(3));
        Assert.Equal(3, (await SnapshotAsync(reader)).Steps);
    }

    [Fact]
    public async Task TelemetryStream_NodeStops_Ends()
    {
        await using var node = await TestNode.StartAsync();
        using var reader = await OpenAsync(node);
        await SnapshotAsync(reader);

        await node.StopAsync();

        Assert.Equal("", await reader.ReadToEndAsync(Deadline.Token));
    }

    [Fact]
    public async Task Metrics_AfterARequest_AreValidExposition()
    {
        await using var node = await TestNode.StartAsync();
        (await node.AskAsync("\"n\":2")).Dispose();

        using var response = await node.Client.GetAsync("/metrics", Deadline.Token);
        var text = await response.Content.ReadAsStringAsync(Deadline.Token);
        var lines = text.Split('\n');

        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        ExpositionParser.Parse(text);
        Assert.Contains("""muse:num_requests_running{model_name="fake-model"} 3""", lines);
        Assert.Contains("""muse:num_requests_waiting{model_name="fake-model"} 2""", lines);
        Assert.Contains("""muse:kv_cache_usage_perc{model_name="fake-model"} 0.6""", lines);
        Assert.Contains("""muse:prompt_tokens_total{model_name="fake-model"} 50""", lines);
        Assert.Contains("""muse:prefix_cache_hits_total{model_name="fake-model"} 15""", lines);
        Assert.Contains("""muse:mm_cache_queries_total{model_name="fake-model"} 4""", lines);
        Assert.Contains("""muse:num_preemptions_total{model_name="fake-model"} 9""", lines);
        Assert.Contains("""muse:request_success_total{model_name="fake-model",finished_reason="stop"} 2""", lines);
        Assert.Contains("""muse:time_to_first_token_seconds_bucket{model_name="fake-model",le="1"} 3""", lines);
        Assert.Contains("""muse:time_to_first_token_seconds_bucket{model_name="fake-model",le="+Inf"} 6""", lines);
        Assert.Contains("""muse:time_to_first_token_seconds_sum{model_name="fake-model"} 7.5""", lines);
        Assert.Contains("""muse:request_generation_tokens_count{model_name="fake-model"} 2""", lines);
        Assert.Contains("""muse:request_time_per_output_token_seconds_bucket{model_name="fake-model",le="0.1"} 2""", lines);
    }

    [Fact]
    public async Task Metrics_CancelledSequence_CountsAsAbort()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = FakeEngine.Hang;
        using var gone = new CancellationTokenSource();
        using (await node.ChatAsync("""{"messages":[{"role":"user","content":"x"}],"stream":true}""", gone.Token))
        {
        }

        await node.Engine.Cancelled.Reader.ReadAsync(Deadline.Token);
        var metrics = node.Services.GetRequiredService<RequestMetrics>();
        var deadline = Deadline.Token;
        while (metrics.Ended.Single(ended => ended.Reason == "abort").Count != 1)
        {
            await Task.Delay(5, deadline);
        }

        Assert.Equal(0, metrics.Ended.Single(ended => ended.Reason == "error").Count);
    }

    [Fact]
    public async Task Metrics_RejectedRequest_CountsNothing()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => throw new RequestRejectedException("Too long.", "context_length_exceeded");

        (await node.AskAsync("\"n\":2")).Dispose();

        // One sequence's rejection cancels its sibling, which may have begun; neither is an error.
        Assert.Equal(0, node.Services.GetRequiredService<RequestMetrics>().Ended.Single(ended => ended.Reason == "error").Count);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/chat/completions", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/health", HttpStatusCode.MethodNotAllowed)]
    public async Task WrongPathOrMethod_IsAnErrorInShape(string method, string path, HttpStatusCode expected)
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await node.Client.SendAsync(request, Deadline.Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("invalid_request_error", (string)(await response.JsonAsync())["error"]!["type"]!);
    }

    private static async Task<StreamReader> OpenAsync(TestNode node) =>
        new(await node.Client.GetStreamAsync("/telemetry/stream", Deadline.Token));

    private static async Task<EngineSnapshot> SnapshotAsync(StreamReader reader)
    {
        Assert.Equal("event: snapshot", await reader.ReadLineAsync(Deadline.Token));
        var data = await reader.ReadLineAsync(Deadline.Token);
        Assert.Equal("", await reader.ReadLineAsync(Deadline.Token));
        return JsonSerializer.Deserialize<EngineSnapshot>(data!["data: ".Length..], MuseJson.Options)!;
    }
}
