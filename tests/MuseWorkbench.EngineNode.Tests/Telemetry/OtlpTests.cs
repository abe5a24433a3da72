using System.Net.Http.Headers;
using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Tests.Fakes;
using MuseWorkbench.Tests.Otlp;

namespace MuseWorkbench.EngineNode.Tests.Telemetry;

/// <summary>What a collector gets. Sources and meters are the process's, so each test looks for its own trace or model.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Chat_TraceParent_BecomesAServerSpanWithThePhasesUnderIt()
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        await using var node = await StartAsync(collector, "trace-model");
        var trace = NewTrace();
        (await AskAsync(node, "\"agent\":\"scout\",\"run_id\":\"run 7\",\"temperature\":0.7,\"max_tokens\":5", trace)).Dispose();

        var spans = await collector.SpansAsync(4, s => s.TraceId == trace.Id, Deadline.Token);

        var chat = Assert.Single(spans, s => s.Kind == 2);
        Assert.Equal(("chat trace-model", trace.Span, "MuseWorkbench.EngineNode", 0), (chat.Name, chat.ParentId, chat.Scope, chat.StatusCode));
        Assert.Equal("muse-engine-node", chat.Resource["service.name"]);
        Assert.Equal(
            ["chat", "muse-workbench", "trace-model", "trace-model", "scout", "run 7", "stop"],
            new[] { "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.agent.name", "muse.run.id", "gen_ai.response.finish_reasons" }
                .Select(name => chat.Attributes[name]));
        Assert.Equal((0.7, 5L), (chat.Attributes["gen_ai.request.temperature"], chat.Attributes["gen_ai.request.max_tokens"]));
        Assert.Equal(
            (10L, 4L, 3L),
            (chat.Attributes["gen_ai.usage.input_tokens"], chat.Attributes["gen_ai.usage.cache_read.input_tokens"], chat.Attributes["gen_ai.usage.output_tokens"]));
        Assert.DoesNotContain("error.type", chat.Attributes.Keys);
        // As the fake engine tells its times: 1 ms in the queue, 20 of prefill, 200 of decode from 21 on.
        var phases = spans.Where(s => s != chat).OrderBy(s => s.Start).ToArray();
        Assert.All(phases, s => Assert.Equal((chat.SpanId, 1), (s.ParentId, s.Kind)));
        Assert.Equal([("queue", 1), ("prefill", 20), ("decode", 200)], phases.Select(s => (s.Name, (int)Math.Round(s.Milliseconds))));
        Assert.Equal((DateTimeOffset.UnixEpoch.AddDays(20000) - DateTimeOffset.UnixEpoch).TotalNanoseconds, phases[0].Start);
        Assert.Equal(phases[1].End, phases[2].Start);
        Assert.Equal((6L, 4L), (phases[1].Attributes["muse.prompt_tokens.computed"], phases[1].Attributes["muse.prompt_tokens.cached"]));
    }

    [Fact]
    public async Task Chat_Requests_AreMeasuredInTheConventionsHistograms()
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        await using var node = await StartAsync(collector, "metric-model");
        (await node.AskAsync("\"n\":2")).Dispose();

        var duration = await PointAsync("gen_ai.server.request.duration");
        Assert.Equal(("s", true, 1L), (duration.Unit, duration.Histogram, duration.Count));
        Assert.Equal((0.01, 1310.72), (duration.Bounds[0], duration.Bounds[^1]));
        Assert.InRange(duration.Value, 0, 20);
        Assert.Equal("chat", duration.Attributes["gen_ai.operation.name"]);
        var first = await PointAsync("gen_ai.server.time_to_first_token");
        Assert.Equal((2L, 42), (first.Count, (int)Math.Round(first.Value * 1000)));
        Assert.Equal(2, first.Buckets[first.Bounds.ToList().IndexOf(0.04)]);
        var perToken = await PointAsync("gen_ai.server.time_per_output_token");
        Assert.Equal((2L, 200), (perToken.Count, (int)Math.Round(perToken.Value * 1000)));
        foreach (var (phase, sum) in new[] { ("queue", 2), ("prefill", 40), ("decode", 400) })
        {
            var spent = await PointAsync($"muse.server.{phase}.duration");
            Assert.Equal(("s", 2L, sum), (spent.Unit, spent.Count, (int)Math.Round(spent.Value * 1000)));
        }

        var input = await PointAsync("muse.server.token.usage", "gen_ai.token.type", "input");
        var output = await PointAsync("muse.server.token.usage", "gen_ai.token.type", "output");
        Assert.Equal((10.0, 6.0), (input.Value, output.Value));
        Assert.Equal(30, (await PointAsync("muse.engine.kv.cells", "kind", "private")).Value);
        Assert.Equal(50, (await PointAsync("muse.engine.prompt_tokens")).Value);
        Assert.Equal(3, (await PointAsync("muse.engine.image_cache_hits")).Value);

        Task<OtlpPoint> PointAsync(string name, string? label = null, string? value = null) => collector.PointAsync(
            p => p.Metric == name && (string)p.Attributes["gen_ai.response.model"] == "metric-model" && (label is null || value!.Equals(p.Attributes[label])), Deadline.Token);
    }

    [Fact]
    public async Task Chat_Refused_IsAnErrorByItsCode()
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        await using var node = await StartAsync(collector, "error-model");
        var trace = NewTrace();
        (await AskAsync(node, "\"temperature\":9", trace)).Dispose();

        var chat = Assert.Single(await collector.SpansAsync(1, s => s.TraceId == trace.Id, Deadline.Token));
        var duration = await collector.PointAsync(
            p => p.Metric == "gen_ai.server.request.duration" && (string)p.Attributes["gen_ai.response.model"] == "error-model", Deadline.Token);

        Assert.Equal((2, "invalid_value"), (chat.StatusCode, chat.Attributes["error.type"]));
        Assert.Equal("invalid_value", duration.Attributes["error.type"]);
    }

    [Fact]
    public async Task Chat_ClientLeaves_IsAnErrorOfItsOwn()
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        await using var node = await StartAsync(collector, "gone-model");
        node.Engine.Script = FakeEngine.Hang;
        var trace = NewTrace();
        (await AskAsync(node, "\"stream\":true", trace)).Dispose();

        var chat = Assert.Single(await collector.SpansAsync(1, s => s.TraceId == trace.Id, Deadline.Token));

        Assert.Equal("client_disconnected", chat.Attributes["error.type"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("ff-zz")]
    public async Task Chat_NoUsableTraceParent_BeginsATrace(string header)
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        var model = $"root-model-{Guid.NewGuid():N}";
        await using var node = await StartAsync(collector, model);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"messages":[{"role":"user","content":"Hi"}]}""", MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.TryAddWithoutValidation("traceparent", header);
        (await node.Client.SendAsync(request, Deadline.Token)).Dispose();

        var chat = Assert.Single(await collector.SpansAsync(1, s => s.Name == $"chat {model}", Deadline.Token));

        Assert.Equal("", chat.ParentId);
        Assert.Matches("^(?!0{32})[0-9a-f]{32}$", chat.TraceId);
    }

    [Fact]
    public async Task Chat_TraceNotSampled_IsNotSent()
    {
        await using var collector = await OtlpReceiver.StartAsync(Deadline.Token);
        await using var node = await StartAsync(collector, "quiet-model");
        var (quiet, told) = (NewTrace() with { Flags = "00" }, NewTrace());
        (await AskAsync(node, "", quiet)).Dispose();
        (await AskAsync(node, "", told)).Dispose();

        await collector.SpansAsync(4, s => s.TraceId == told.Id, Deadline.Token);

        Assert.Empty(await collector.SpansAsync(0, s => s.TraceId == quiet.Id, Deadline.Token));
    }

    private static Task<TestNode> StartAsync(OtlpReceiver collector, string model) => TestNode.StartAsync(
        new FakeEngine { Model = new ModelInfo { Id = model, ContextLength = 4096, MaxSequences = 16 } }, options: collector.Settings);

    private static Task<HttpResponseMessage> AskAsync(TestNode node, string more, Trace trace)
    {
        var body = $$"""{"messages":[{"role":"user","content":"Hi"}]{{(more.Length == 0 ? "" : "," + more)}}}""";
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")) };
        request.Headers.Add("traceparent", $"00-{trace.Id}-{trace.Span}-{trace.Flags}");
        return node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Deadline.Token);
    }

    private static Trace NewTrace() => new(Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N")[..16], "01");

    private sealed record Trace(string Id, string Span, string Flags);
}
