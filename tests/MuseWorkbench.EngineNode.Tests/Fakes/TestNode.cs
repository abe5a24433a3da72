using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Tests.Fakes;

/// <summary>A whole node on a real port, with a fake engine in it.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestNode(WebApplication app, FakeEngine engine, FakeLoader loader, EventLog events, Uri url)
    {
        (_app, Engine, Loader, Events, Url) = (app, engine, loader, events, url);
        Client = new HttpClient { BaseAddress = url };
    }

    public FakeEngine Engine { get; }

    public FakeLoader Loader { get; }

    public EventLog Events { get; }

    public Uri Url { get; }

    public HttpClient Client { get; }

    public NodeLifetime Lifetime => _app.Services.GetRequiredService<NodeLifetime>();

    public IServiceProvider Services => _app.Services;

    public static async Task<TestNode> StartAsync(FakeEngine? engine = null, string? key = null, TimeProvider? time = null, bool ready = true, params string[] options)
    {
        engine ??= new FakeEngine();
        var loader = new FakeLoader();
        var events = new EventLog();
        var process = new NodeProcess { Events = events, OpenInput = () => Stream.Null, Exit = _ => { } };
        string[] args = ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. key is null ? Array.Empty<string>() : [$"--KEY={key}"], .. options];
        var app = NodeHost.Create(args, process, builder =>
        {
            builder.Services.AddSingleton<IEngineLoader>(loader);
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }
        });
        await app.StartAsync(Deadline.Token);
        var listening = await events.WaitAsync("listening");
        var node = new TestNode(app, engine, loader, events, new Uri((string)listening["url"]!));
        if (ready)
        {
            loader.Result.SetResult(engine);
            await events.WaitAsync("ready");
        }

        return node;
    }

    /// <summary>Posts a body as JSON to the chat endpoint.</summary>
    public Task<HttpResponseMessage> ChatAsync(string json, CancellationToken? cancellationToken = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(json, MediaTypeHeaderValue.Parse("application/json")) };
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken ?? Deadline.Token);
    }

    /// <summary>A chat of one user message, with more properties written as JSON.</summary>
    public Task<HttpResponseMessage> AskAsync(string more = "") => ChatAsync($$"""{"messages":[{"role":"user","content":"Hi"}]{{(more.Length == 0 ? "" : "," + more)}}}""");

    public Task StopAsync() => _app.StopAsync(Deadline.Token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

internal static class Responses
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonNode>(Deadline.Token))!.AsObject();

    /// <summary>The data of each server-sent event of a reply that ends.</summary>
    public static async Task<List<string>> DataAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Deadline.Token);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(piece => piece.StartsWith("data: ", StringComparison.Ordinal) ? piece["data: ".Length..] : throw new InvalidDataException(piece))];
    }

    /// <summary>The chunks of a stream that ended with [DONE].</summary>
    public static async Task<List<JsonObject>> ChunksAsync(this HttpResponseMessage response)
    {
        var data = await response.DataAsync();
        Assert.Equal("[DONE]", data[^1]);
        return [.. data[..^1].Select(piece => JsonNode.Parse(piece)!.AsObject())];
    }
}
