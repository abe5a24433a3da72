using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>
/// An OpenAI-compatible server of one of the kinds the pool knows, whose model answers by a script: what it says to a question,
/// and what is left of that where the reply was begun.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _kind;

    private ScriptedServer(WebApplication app, string kind) => (_app, _kind) = (app, kind);

    public string Url => _app.Urls.First();
    public int Port => new Uri(Url).Port;
    public string? Key { get; init; }
    public string Model { get; init; } = "scripted";

    /// <summary>How long each token takes.</summary>
    public TimeSpan Pace { get; set; }

    /// <summary>The message (content, tool_calls) that a request is answered with; null for <see cref="Reply"/>.</summary>
    public Func<JsonObject, JsonObject>? Script { get; init; }

    /// <summary>The bodies of the chat requests it got.</summary>
    public ConcurrentQueue<JsonObject> Requests { get; } = new();

    /// <summary>What is said to a question.</summary>
    public static string Reply(string question) => $"<think>The question was: {question}.</think>Answer to {question}";

    public static async Task<ScriptedServer> StartAsync(string kind = "openai", string? key = null, string model = "scripted", Func<JsonObject, JsonObject>? script = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ScriptedServer(app, kind) { Key = key, Model = model, Script = script };
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        // One request a connection, so that a proxy need not look for where one ends.
        context.Response.Headers.Connection = "close";
        if (Key is not null && context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        switch (context.Request.Path.Value)
        {
            case "/v1/models":
                await WriteAsync(context, Models());
                break;
            case "/props" when _kind == "llama-server":
                await WriteAsync(context, """{"default_generation_settings":{"n_ctx":4096},"total_slots":8,"modalities":{"vision":true}}""");
                break;
            case "/metrics" when _kind is "vllm" or "sglang" or "llama-server":
                await WriteAsync(context, _kind switch
                {
                    "vllm" => "vllm:num_requests_running{model=\"m\"} 2\nvllm:num_requests_waiting 1\n",
                    "sglang" => "sglang:num_running_reqs 2\nsglang:num_queue_reqs 1\n",
                    _ => "llamacpp:requests_processing 2\nllamacpp:requests_deferred 1\n",
                });
                break;
            case "/telemetry/stream" when _kind == "node":
                context.Response.ContentType = "text/event-stream";
                await MeasureAsync(context);
                break;
            case "/v1/chat/completions":
                await ChatAsync(context);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    /// <summary>As a node does where nothing changes.</summary>
    private static async Task MeasureAsync(HttpContext context)
    {
        for (var n = 1; !context.RequestAborted.IsCancellationRequested; n++)
        {
            var snapshot = TestSnapshots.Make(n) with { At = DateTimeOffset.UtcNow };
            await context.Response.WriteAsync($"event: snapshot\ndata: {JsonSerializer.Serialize(snapshot, MuseJson.Options)}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromSeconds(1), context.RequestAborted);
        }
    }

    private string Models()
    {
        var entry = new JsonObject { ["id"] = Model, ["object"] = "model", ["owned_by"] = _kind switch { "node" => "muse-workbench", "llama-server" => "llamacpp", var kind => kind } };
        switch (_kind)
        {
            case "node":
                entry["meta"] = JsonSerializer.SerializeToNode(new ModelInfo { Id = Model, ContextLength = 4096, Vision = true, MaxSequences = 16 }, MuseJson.Options);
                break;
            case "llama-server":
                entry["meta"] = new JsonObject { ["n_params"] = 1000, ["size"] = 2000 };
                break;
            case "vllm" or "sglang":
                entry["max_model_len"] = 4096;
                break;
        }

        return new JsonObject { ["object"] = "list", ["data"] = new JsonArray(entry) }.ToJsonString();
    }

    private async Task ChatAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        Requests.Enqueue(body);
        if (body["stream"]?.GetValue<bool>() != true)
        {
            await WriteAsync(context, """{"choices":[{"message":{"role":"assistant","content":"grey"},"finish_reason":"length"}]}""");
            return;
        }

        context.Response.ContentType = "text/event-stream";
        if (Script is not null)
        {
            var message = Script(body);
            await SendAsync(context, Choice(message));
            await EndAsync(context, message.ContainsKey("tool_calls") ? "tool_calls" : "stop");
            return;
        }

        var messages = body["messages"]!.AsArray();
        var begun = messages[^1]!["role"]!.GetValue<string>() == "assistant" ? messages[^1]!["content"]!.GetValue<string>() : "";
        var asked = messages.First(m => m!["role"]!.GetValue<string>() == "user")!["content"]!;
        var question = asked is JsonArray parts ? string.Concat(parts.Select(part => (string?)part!["text"])) : asked.GetValue<string>();
        var rest = Reply(question)[begun.Length..];
        foreach (var piece in rest.Chunk(6))
        {
            if (Pace > TimeSpan.Zero)
                await Task.Delay(Pace, context.RequestAborted);
            await SendAsync(context, Choice(new JsonObject { ["content"] = new string(piece) }));
        }

        await EndAsync(context, "stop");
    }

    private static async Task EndAsync(HttpContext context, string reason)
    {
        await SendAsync(context, Choice([], reason));
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static JsonObject Choice(JsonObject delta, string? reason = null) => new()
    {
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }),
    };

    // A frame for each, so that a connection can break between any two.
    private static async Task SendAsync(HttpContext context, JsonObject chunk)
    {
        await context.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n");
        await context.Response.Body.FlushAsync();
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = text[0] == '{' ? "application/json" : "text/plain";
        return context.Response.WriteAsync(text);
    }
}
