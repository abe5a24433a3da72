using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Tests.Kit;

/// <summary>The HTTP side of a node: one model, snapshots as the test sends them, a verdict on every image.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private volatile Channel<EngineSnapshot> _snapshots = Channel.CreateUnbounded<EngineSnapshot>();
    private readonly WebApplication _app;

    private NodeServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>The bearer key it was last asked with.</summary>
    public string? LastKey { get; private set; }

    /// <summary>What its model can do.</summary>
    public bool Vision { get; init; }

    /// <summary>What a chat waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Whether chats fail.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The bodies of the chat requests it got.</summary>
    public ConcurrentQueue<string> Chats { get; } = new();

    /// <summary>What inspection answers: null accepts.</summary>
    public string? ImageFault { get; set; }

    public static async Task<NodeServer> StartAsync(bool vision = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new NodeServer(app) { Vision = vision };
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Another node answers here from now on: streams of the one before end, and can't take what this one measures.</summary>
    public void BeginLife()
    {
        var before = _snapshots;
        _snapshots = Channel.CreateUnbounded<EngineSnapshot>();
        before.Writer.TryComplete();
    }

    public void Measure(EngineSnapshot snapshot) => _snapshots.Writer.TryWrite(snapshot);

    public ValueTask DisposeAsync()
    {
        _snapshots.Writer.TryComplete();
        return _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        LastKey = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        return context.Request.Path.Value switch
        {
            "/v1/models" => context.Response.WriteAsJsonAsync(new { data = new[] { new { id = "muse-mini", meta = new ModelInfo { Id = "muse-mini", ContextLength = 4096, Vision = Vision, MaxSequences = 16 } } } }, MuseJson.Options),
            "/v1/chat/completions" => ChatAsync(context),
            "/v1/images/inspect" => InspectAsync(context),
            "/telemetry/stream" => SseFormatter.WriteAsync(Items(context.RequestAborted), context.Response.Body, context.RequestAborted),
            _ => Task.FromResult(context.Response.StatusCode = StatusCodes.Status404NotFound),
        };
    }

    private async Task ChatAsync(HttpContext context)
    {
        Chats.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
        await Gate.WaitAsync(context.RequestAborted);
        if (IsBroken)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsJsonAsync(new { error = new { message = "The engine is out of order." } });
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("""
            data: {"choices":[{"index":0,"delta":{"content":"egg"},"finish_reason":"stop"}]}

            data: [DONE]


            """, context.RequestAborted);
    }

    private Task InspectAsync(HttpContext context)
    {
        context.Response.StatusCode = ImageFault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error = new { message = ImageFault } });
    }

    private async IAsyncEnumerable<SseItem<string>> Items([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var snapshot in _snapshots.Reader.ReadAllAsync(cancellationToken))
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(snapshot, MuseJson.Options), "snapshot");
        }
    }
}
