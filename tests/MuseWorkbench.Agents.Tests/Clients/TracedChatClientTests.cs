using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Telemetry;
using MuseWorkbench.Agents.Tests.Kit;

namespace MuseWorkbench.Agents.Tests.Clients;

public sealed class TracedChatClientTests : IDisposable
{
    // The source is the process's: each test reads what its own model's name is on.
    private readonly string _model = $"model-{Guid.NewGuid():N}";
    private readonly List<Activity> _spans = [];
    private readonly List<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = [];
    private readonly ActivityListener _listener;
    private readonly MeterListener _meters = new();

    public TracedChatClientTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AgentTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => Keep(_spans, span, span.DisplayName.Contains(_model, StringComparison.Ordinal)),
        };
        ActivitySource.AddActivityListener(_listener);
        _meters.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Name == AgentTelemetry.SourceName)
                meters.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _meters.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Stream_WholeReply_IsAClientSpanWithUsageAndTheOptionsAsked()
    {
        using var client = new TracedChatClient(ScriptedChatClient.Saying("an answer"), TimeProvider.System);

        await ReadAsync(client, new ChatOptions { ModelId = _model, Temperature = 0.7f, MaxOutputTokens = 9 });

        var span = Assert.Single(_spans);
        Assert.Equal(($"chat {_model}", ActivityKind.Client, ActivityStatusCode.Unset), (span.DisplayName, span.Kind, span.Status));
        Assert.Equal((0.7, 9, "chat"), (span.GetTagItem("gen_ai.request.temperature"), span.GetTagItem("gen_ai.request.max_tokens"), span.GetTagItem("gen_ai.operation.name")));
        Assert.True((long)span.GetTagItem("gen_ai.usage.output_tokens")! > 0);
        Assert.Null(span.GetTagItem("error.type"));
        Assert.Equal(
            ["gen_ai.client.operation.duration", "gen_ai.client.operation.time_to_first_chunk", "gen_ai.client.token.usage", "gen_ai.client.token.usage"],
            _measured.Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stream_ServerUnreachable_IsAnErrorByItsKind()
    {
        using var client = new TracedChatClient(
            new ScriptedChatClient(_ => throw new ChatClientException(ChatFailure.Unreachable, "It can't be reached.")), TimeProvider.System);

        await Assert.ThrowsAsync<ChatClientException>(() => ReadAsync(client, new ChatOptions { ModelId = _model }));

        var duration = Assert.Single(_measured);
        Assert.Equal(("gen_ai.client.operation.duration", "unreachable"), (duration.Name, duration.Tags["error.type"]));
        Assert.Equal((ActivityStatusCode.Error, "unreachable"), (Assert.Single(_spans).Status, _spans[0].GetTagItem("error.type")));
    }

    [Fact]
    public async Task Stream_ReaderStops_IsCancelledAndNoFault()
    {
        using var client = new TracedChatClient(ScriptedChatClient.Saying("a long answer"), TimeProvider.System);

        await foreach (var _ in client.GetStreamingResponseAsync([], new ChatOptions { ModelId = _model }, TestContext.Current.CancellationToken))
            break;

        Assert.Equal((ActivityStatusCode.Unset, "cancelled"), (Assert.Single(_spans).Status, _spans[0].GetTagItem("error.type")));
    }

    [Fact]
    public async Task Stream_InASpan_SendsItsTraceParent()
    {
        string? header = null;
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            header = context.Request.Headers.TraceParent;
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"3\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        });
        using var http = new HttpClient();
        using var client = new TracedChatClient(
            new OpenAIChatClient(http, new OpenAIChatClientOptions { Endpoint = server.Address, Model = _model }, TimeProvider.System), TimeProvider.System);

        await ReadAsync(client, null);

        Assert.Equal(Assert.Single(_spans).Id, header);
    }

    private static async Task ReadAsync(TracedChatClient client, ChatOptions? options)
    {
        await foreach (var _ in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Hi")], options, TestContext.Current.CancellationToken))
        {
        }
    }

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = tags.ToArray().ToDictionary();
        Keep(_measured, (instrument.Name, value, all), _model.Equals(all.GetValueOrDefault("gen_ai.request.model")));
    }

    private static void Keep<T>(List<T> list, T item, bool ours)
    {
        if (ours)
        {
            lock (list)
                list.Add(item);
        }
    }
}
