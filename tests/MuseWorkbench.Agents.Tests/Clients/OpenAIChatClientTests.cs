using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Clients;

public sealed class OpenAIChatClientTests : IDisposable
{
    private const string Done = "data: [DONE]";
    private const string Finish = """data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""";

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Stream_WholeReply_TextProgressTimingsUsage()
    {
        await using var server = await FakeChatServer.StreamingAsync(
            ": keep-alive",
            """data: {"choices":[{"delta":{"role":"assistant","content":null}}],"prompt_progress":{"total":90,"cache":64,"processed":80,"time_ms":3}}""",
            """data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}""",
            """data: {"choices":[{"delta":{"content":"zwölf 🍎"}}]}""",
            """data: {"choices":[{"delta":{},"finish_reason":"length"}],"timings":{"queue_ms":1.5,"cache_n":64,"prompt_n":26,"prompt_ms":12,"ttft_ms":15,"predicted_n":2,"predicted_ms":8,"predicted_per_second":125}}""",
            """data: {"choices":[],"usage":{"prompt_tokens":90,"completion_tokens":2,"total_tokens":92,"prompt_tokens_details":{"cached_tokens":64}}}""",
            Done);

        var updates = await ReadAsync(server.Address);

        Assert.Equal(new PromptProgress(90, 64, 80), updates.Select(PromptProgress.Of).Single(p => p is not null));
        Assert.Equal("hm", updates.SelectMany(u => u.Contents).OfType<TextReasoningContent>().Single().Text);
        Assert.Equal("zwölf 🍎", updates.SelectMany(u => u.Contents).OfType<TextContent>().Single().Text);
        Assert.Equal(new ChatTimings(1.5, 12, 15, 8, 125, 64, 26, 2), updates.Select(ChatTimings.Of).Single(t => t is not null));
        var usage = updates.SelectMany(u => u.Contents).OfType<UsageContent>().Single().Details;
        Assert.Equal((90, 2, 64), (usage.InputTokenCount, usage.OutputTokenCount, usage.CachedInputTokenCount));
        Assert.Contains(updates, u => u.FinishReason == ChatFinishReason.Length);
    }

    [Fact]
    public async Task Stream_NullsWhereValuesMayBe_ReadAsNothing()
    {
        await using var server = await FakeChatServer.StreamingAsync(
            """data: {"choices":null,"usage":null,"timings":null,"error":null}""",
            """data: {"choices":[{"delta":null,"finish_reason":null}]}""",
            """data: {"choices":[{"delta":{"content":null,"reasoning_content":null,"tool_calls":null}}]}""",
            """data: {"choices":[{"delta":{"content":"3"}}]}""",
            """data: {"choices":[{"delta":{"content":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":null,"prompt_tokens_details":null}}""",
            Done);

        var updates = await ReadAsync(server.Address);

        Assert.Equal("3", string.Concat(updates.Select(u => u.Text)));
        Assert.Contains(updates, u => u.FinishReason == ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Stream_Request_CarriesMessagesImagesAndSampling()
    {
        await using var server = await FakeChatServer.StreamingAsync(Finish, Done);
        byte[] image = [0xfb, 0xff, 0xfe, 1, 2];
        List<ChatMessage> messages =
        [
            new(ChatRole.User, [new DataContent(image, "image/png"), new TextContent("How <many>?")]),
            new(ChatRole.Assistant, "<tool_call>"),
            new(ChatRole.Tool, "156"),
        ];
        var options = new ChatOptions
        {
            Temperature = 0.7f, TopP = 0.9f, TopK = 40, Seed = uint.MaxValue - 1L, MaxOutputTokens = 64,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = 0.05 },
        };

        await ReadAsync(server.Address, messages, options);

        Assert.Equal("Bearer secret", server.Authorization);
        var body = server.Body!.AsObject();
        Assert.Equal(
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,+//+AQI="}},{"type":"text","text":"How <many>?"}]},{"role":"assistant","content":"<tool_call>"},{"role":"tool","content":"156"}]""",
            body["messages"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        body.Remove("messages");
        Assert.Equal(
            """{"model":"muse-mini","stream":true,"stream_options":{"include_usage":true},"return_progress":true,"return_prompt":true,"temperature":0.7,"top_p":0.9,"seed":4294967294,"max_tokens":64,"top_k":40,"min_p":0.05}""",
            body.ToJsonString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_Continues_SaidAsVllmWantsItWhateverTheServer(bool llama)
    {
        await using var server = await FakeChatServer.StreamingAsync(Finish, Done);
        var client = new OpenAIChatClient(_http, Options(server.Address) with { LlamaParameters = llama }, TimeProvider.System);

        await ReadAsync(client, options: new ChatOptions { AdditionalProperties = new AdditionalPropertiesDictionary { ["continue_final_message"] = true } });

        Assert.Equal((true, false), ((bool)server.Body!["continue_final_message"]!, (bool)server.Body["add_generation_prompt"]!));
    }

    [Fact]
    public async Task Stream_Prompt_RidesOnTheUpdate()
    {
        await using var server = await FakeChatServer.StreamingAsync("""data: {"choices":[{"delta":{"role":"assistant"}}],"prompt":"<__media__>How many?"}""", Finish, Done);

        var updates = await ReadAsync(server.Address);

        Assert.Equal("<__media__>How many?", Assert.Single(updates.Select(RenderedPrompt.Of).OfType<RenderedPrompt>()).Text);
    }

    [Fact]
    public async Task Stream_Tools_AreSentWithCallsAndResults()
    {
        await using var server = await FakeChatServer.StreamingAsync(Finish, Done);
        List<ChatMessage> messages =
        [
            new(ChatRole.Assistant, [new TextContent("Let me see."), CallArguments.Call("a", "calculator", "{\"expression\":\"1+1\"}"), CallArguments.Call("b", "calculator", "{oops")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "2")]),
        ];
        var options = new ChatOptions { Tools = [new OfferedTool(new Calculator().Definition)], ToolMode = ChatToolMode.RequireAny };

        await ReadAsync(server.Address, messages, options);

        var body = server.Body!.AsObject();
        Assert.Equal(
            """[{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"a","type":"function","function":{"name":"calculator","arguments":"{\"expression\":\"1+1\"}"}},{"id":"b","type":"function","function":{"name":"calculator","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"2"}]""",
            body["messages"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("required", (string)body["tool_choice"]!);
        var function = Assert.Single(body["tools"]!.AsArray())!["function"]!;
        Assert.Equal("calculator", (string)function["name"]!);
        Assert.Equal(["expression"], function["parameters"]!["required"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public async Task Stream_FormOfAnswer_IsSentAsItsSchema()
    {
        await using var server = await FakeChatServer.StreamingAsync(Finish, Done);

        await ReadAsync(server.Address, [new(ChatRole.User, "Which foods?")], new ChatOptions { ResponseFormat = AnswerForms.Format(AnswerForm.Food) });

        var format = server.Body!["response_format"]!;
        Assert.Equal(("json_schema", "structured_answer"), ((string)format["type"]!, (string)format["json_schema"]!["name"]!));
        Assert.Equal("food", (string)format["json_schema"]!["schema"]!["properties"]!["kind"]!["const"]!);
    }

    /// <summary>Whole, as the engine node sends them, or in pieces, as OpenAI does.</summary>
    [Fact]
    public async Task Stream_ToolCalls_AreReadWholeAndInPieces()
    {
        await using var server = await FakeChatServer.StreamingAsync(
            """data: {"choices":[{"delta":{"content":"Hm.","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"calculator","arguments":"{\"expression\":\"1\"}"}}]}}]}""",
            """data: {"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"crop","arguments":""}}]}}]}""",
            """data: {"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"box\":[1,"}}]}}]}""",
            """data: {"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"2"}}]}}]}""",
            """data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""",
            Done);

        var calls = (await ReadAsync(server.Address)).SelectMany(update => update.Contents).OfType<FunctionCallContent>();

        Assert.Equal(
            [("a", "calculator", "{\"expression\":\"1\"}"), ("b", "crop", "{\"box\":[1,2")],
            calls.Select(call => (call.CallId, call.Name, CallArguments.Of(call))));
    }

    [Fact]
    public async Task Stream_StrictServer_NoLlamaParameters()
    {
        await using var server = await FakeChatServer.StreamingAsync(Finish, Done);
        var client = new OpenAIChatClient(_http, Options(new Uri(server.Address, "v1/")) with { LlamaParameters = false }, TimeProvider.System);

        await ReadAsync(client, options: new ChatOptions { TopK = 3, AdditionalProperties = new AdditionalPropertiesDictionary { ["min_p"] = 0.1 } });

        Assert.Equal(["messages", "model", "stream", "stream_options"], server.Body!.AsObject().Select(p => p.Key).Order());
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"The prompt is too long","type":"invalid_request_error"}}""", ChatFailure.Rejected, "The engine node refused the request: The prompt is too long.")]
    [InlineData(500, "<html>", ChatFailure.Broken, "The engine node failed: HTTP status 500.")]
    [InlineData(429, "{}", ChatFailure.Overloaded, "The engine node has too much to do: it said nothing more.")]
    [InlineData(503, """{"error":{"message":"Loading model"}}""", ChatFailure.Unreachable, "The engine node is not ready: Loading model.")]
    [InlineData(401, "", ChatFailure.Rejected, "The engine node did not accept the key.")]
    [InlineData(404, """{"error":"no such\nmodel"}""", ChatFailure.Rejected, "The engine node refused the request: no such model.")]
    public async Task Stream_ErrorStatus_MessageOfTheServer(int status, string body, ChatFailure kind, string message)
    {
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
        });

        var failure = await FailureAsync(server.Address);

        Assert.Equal((kind, message), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task Stream_NobodyListens_Unreachable()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound but not listening: connections are refused.

        var failure = await FailureAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}"));

        Assert.Equal((ChatFailure.Unreachable, "The engine node can't be reached."), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task Stream_BrokenMidWay_InterruptedAfterTheText()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await arrived.Task;
            context.Abort();
        });
        List<string> seen = [];

        var failure = await Assert.ThrowsAsync<ChatClientException>(async () =>
        {
            await foreach (var update in ClientOf(server.Address).GetStreamingResponseAsync(
                [new ChatMessage(ChatRole.User, "Hi")], null, TestContext.Current.CancellationToken))
            {
                seen.Add(update.Text);
                arrived.TrySetResult();
            }
        });

        Assert.Equal((ChatFailure.Interrupted, "The engine node stopped while this agent was working."), (failure.Kind, failure.Message));
        Assert.Equal(["half"], seen);
    }

    [Fact]
    public async Task Stream_EndsWithoutFinish_Interrupted()
    {
        await using var server = await FakeChatServer.StreamingAsync("""data: {"choices":[{"delta":{"content":"half"}}]}""");

        Assert.Equal(ChatFailure.Interrupted, (await FailureAsync(server.Address)).Kind);
    }

    [Fact]
    public async Task Stream_ErrorChunk_ToldToTheUser()
    {
        await using var server = await FakeChatServer.StreamingAsync("""data: {"error":{"message":"out of memory"}}""");

        Assert.Equal("The engine node gave up: out of memory.", (await FailureAsync(server.Address)).Message);
    }

    [Theory]
    [InlineData("data: {not json")]
    [InlineData("data: [1]")]
    [InlineData("data: \"text\"")]
    [InlineData("""data: {"choices":5}""")]
    [InlineData("""data: {"choices":[{"delta":{"content":7}}]}""")]
    [InlineData("""data: {"usage":{"prompt_tokens":"many"}}""")]
    public async Task Stream_Garbage_Protocol(string line)
    {
        await using var server = await FakeChatServer.StreamingAsync(line, Done);

        Assert.Equal(ChatFailure.Protocol, (await FailureAsync(server.Address)).Kind);
    }

    [Fact]
    public async Task Stream_NotAStream_Protocol()
    {
        await using var server = await FakeChatServer.StartAsync(context => context.Response.WriteAsJsonAsync(new { choices = Array.Empty<int>() }));

        Assert.Equal(ChatFailure.Protocol, (await FailureAsync(server.Address)).Kind);
    }

    [Fact]
    public async Task Stream_HundredMegabyteLine_Protocol()
    {
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var block = new byte[64 * 1024];
            Array.Fill(block, (byte)'x');
            for (var written = 0; written < 100 * 1024 * 1024 && !context.RequestAborted.IsCancellationRequested; written += block.Length)
                await context.Response.Body.WriteAsync(block, CancellationToken.None);
        });

        Assert.Equal(ChatFailure.Protocol, (await FailureAsync(server.Address)).Kind);
    }

    [Fact]
    public async Task Stream_SilentServer_GivenUp()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var reading = FailureAsync(new OpenAIChatClient(_http, Options(server.Address), time));
        await asked.Task;

        time.Advance(TimeSpan.FromSeconds(60));

        var failure = await reading;
        Assert.Equal((ChatFailure.Interrupted, "The engine node said nothing for 60 seconds."), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task Stream_Cancelled_CancellationAndServerSeesIt()
    {
        var gone = new TaskCompletionSource();
        await using var server = await FakeChatServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            gone.SetResult();
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in ClientOf(server.Address).GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Hi")], null, stop.Token))
                await stop.CancelAsync();
        });

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private OpenAIChatClient ClientOf(Uri address) => new(_http, Options(address), TimeProvider.System);

    private static OpenAIChatClientOptions Options(Uri address) => new()
    {
        Endpoint = address, Model = "muse-mini", ApiKey = "secret", ServerName = "engine node", IdleTimeout = TimeSpan.FromSeconds(60),
    };

    private Task<ChatClientException> FailureAsync(Uri address) => FailureAsync(ClientOf(address));

    private static Task<ChatClientException> FailureAsync(OpenAIChatClient client) =>
        Assert.ThrowsAsync<ChatClientException>(() => ReadAsync(client));

    private Task<List<ChatResponseUpdate>> ReadAsync(Uri address, IReadOnlyList<ChatMessage>? messages = null, ChatOptions? options = null) =>
        ReadAsync(ClientOf(address), messages, options);

    private static async Task<List<ChatResponseUpdate>> ReadAsync(
        OpenAIChatClient client, IReadOnlyList<ChatMessage>? messages = null, ChatOptions? options = null)
    {
        List<ChatResponseUpdate> seen = [];
        await foreach (var update in client.GetStreamingResponseAsync(messages ?? [new ChatMessage(ChatRole.User, "Hi")], options, TestContext.Current.CancellationToken))
            seen.Add(update);
        return seen;
    }
}
