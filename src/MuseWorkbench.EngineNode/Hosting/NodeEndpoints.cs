using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Chat;
using MuseWorkbench.EngineNode.Errors;
using MuseWorkbench.EngineNode.Images;
using MuseWorkbench.EngineNode.Telemetry;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Everything the node answers.</summary>
internal static class NodeEndpoints
{
    public static void MapNode(this WebApplication app)
    {
        app.MapGet("/health", Health);
        app.MapGet("/v1/models", Models);
        app.MapPost("/v1/chat/completions", (HttpContext context, ChatEndpoint chat) => chat.HandleAsync(context));
        app.MapPost("/v1/images/inspect", InspectEndpoint.HandleAsync);
        app.MapPost("/v1/images/view", ViewEndpoints.ViewAsync);
        app.MapPost("/v1/images/colour", ViewEndpoints.ColourAsync);
        app.MapPost("/v1/images/overlay", OverlayEndpoint.HandleAsync);
        app.MapGet("/metrics", TelemetryEndpoints.Metrics);
        app.MapGet("/slots", TelemetryEndpoints.SlotsAsync);
        app.MapGet("/telemetry", TelemetryEndpoints.Latest);
        app.MapGet("/telemetry/stream", TelemetryEndpoints.StreamAsync);
    }

    private static IResult Health(EngineSlot slot) => slot.Engine is not null
        ? Results.Json(new { status = "ok" })
        : Results.Json(
            new { ApiError.Loading.ToBody().Error, Status = "loading", Progress = Math.Round(slot.Progress, 3) }, ApiJson.Options, statusCode: ApiError.Loading.Status);

    private static IResult Models(EngineSlot slot, NodeLifetime lifetime)
    {
        var model = slot.Require().Model;
        var entry = new ModelEntry(model.Id, lifetime.StartedAt.ToUnixTimeSeconds(), JsonSerializer.SerializeToElement(model, MuseJson.Options));
        return Results.Json(new { @object = "list", data = new[] { entry } }, ApiJson.Options);
    }

    /// <summary>A model as OpenAI lists it; <paramref name="Meta"/> is ours, in our own naming.</summary>
    private sealed record ModelEntry(string Id, long Created, JsonElement Meta)
    {
        public string Object { get; } = "model";
        public string OwnedBy { get; } = "muse-workbench";
    }
}
