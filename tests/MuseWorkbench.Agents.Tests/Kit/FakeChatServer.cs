using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>An OpenAI-compatible server on loopback that answers as a test says.</summary>
public sealed class FakeChatServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeChatServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>The last request's body and bearer header.</summary>
    public JsonNode? Body { get; private set; }
    public string? Authorization { get; private set; }

    public static async Task<FakeChatServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var server = new FakeChatServer(builder.Build());
        server._app.MapPost("/v1/chat/completions", async context =>
        {
            server.Body = await JsonNode.ParseAsync(context.Request.Body);
            server.Authorization = context.Request.Headers.Authorization;
            await answer(context);
        });
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>A server that streams these lines.</summary>
    public static Task<FakeChatServer> StreamingAsync(params string[] lines) => StartAsync(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var line in lines)
            await context.Response.WriteAsync(line + "\n\n");
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
