using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Runs.Export;
using MuseWorkbench.Web.Features.Runs.Overlay;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>The hub, and the same over plain HTTP under <c>/api/runs</c>.</summary>
internal static class RunEndpoints
{
    /// <summary>Longest message a client may send to the hub.</summary>
    private const long MaxMessage = 256 * 1024;

    public static void AddRuns(this WebApplicationBuilder builder)
    {
        builder.Services.AddMuseAgents();
        builder.Services.AddSingleton<RunIntake>();
        builder.Services.AddSingleton<RunListing>();
        builder.Services.AddSingleton<RunExport>();
        builder.Services.AddSingleton<RunImport>();
        builder.AddOverlays();
        builder.Services.AddSignalR().AddJsonProtocol(json => MuseJson.Configure(json.PayloadSerializerOptions));
        builder.Services.Configure<HubOptions<RunsHub>>(hub =>
        {
            hub.MaximumReceiveMessageSize = MaxMessage;
            hub.MaximumParallelInvocationsPerClient = 4;
        });
    }

    public static void MapRuns(this WebApplication app)
    {
        app.MapHub<RunsHub>("/hubs/runs");
        var api = app.MapGroup("/api/runs");
        api.MapGet("", async ([FromServices] RunListing listing, CancellationToken cancellationToken) =>
            Results.Json(await listing.ListAsync(RunListing.Most, cancellationToken), MuseJson.Options));
        api.MapPost("", StartAsync);
        api.MapGet("{runId:guid}/events", Events);
        api.MapPost("{runId:guid}/stop", (Guid runId, [FromServices] IRunService runs) => runs.Stop(runId) ? Results.NoContent() : NotFound());
        api.MapPost("{runId:guid}/answer-now", (Guid runId, int? agent, [FromServices] IRunService runs) => runs.AnswerNow(runId, agent) ? Results.NoContent() : NotThinking());
        api.MapPost("{runId:guid}/rerun", RerunAsync);
        api.MapPost("{runId:guid}/resume", ResumeAsync);
        api.MapExports();
        api.MapOverlays();
    }

    private static async Task<IResult> StartAsync(HttpRequest request, [FromServices] RunIntake intake, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return ApiError.Result(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The request must be JSON, with 'Content-Type: application/json'.");
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
            var runId = await intake.StartAsync(body.RootElement, cancellationToken);
            return Results.Json(new { runId }, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (RunRejectedException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "run_rejected", e.Message);
        }
        catch (JsonException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "invalid_json", $"The request is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        catch (BadHttpRequestException e)
        {
            return ApiError.Result(e.StatusCode, "bad_request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request is far too large." : "The request ended early.");
        }
    }

    private static async Task<IResult> RerunAsync(Guid runId, int agent, [FromServices] IRunService runs, CancellationToken cancellationToken)
    {
        try
        {
            return Results.Json(new { runId = await runs.RerunAgentAsync(runId, agent, cancellationToken) }, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (RunRejectedException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "run_rejected", e.Message);
        }
    }

    private static async Task<IResult> ResumeAsync(Guid runId, [FromServices] IRunService runs, CancellationToken cancellationToken)
    {
        try
        {
            await runs.ResumeAsync(runId, cancellationToken);
            return Results.NoContent();
        }
        catch (RunRejectedException e)
        {
            return ApiError.Result(StatusCodes.Status409Conflict, "run_rejected", e.Message);
        }
    }

    /// <summary>Server-sent events, each with its number as id: a browser's EventSource goes on from the last by itself.</summary>
    private static async Task<IResult> Events(
        HttpContext context, Guid runId, long? after, [FromHeader(Name = "Last-Event-ID")] string? last, [FromServices] IRunService runs)
    {
        if (!await runs.ExistsAsync(runId, context.RequestAborted))
        {
            return NotFound();
        }

        var from = long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : after ?? 0;
        return TypedResults.ServerSentEvents(Items(runs.ReadAsync(runId, from, context.RequestAborted), context.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<string>> Items(IAsyncEnumerable<RunEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in events.WithCancellation(cancellationToken))
        {
            yield return new SseItem<string>(JsonSerializer.Serialize(item, MuseJson.Options)) { EventId = item.Seq.ToString(CultureInfo.InvariantCulture) };
        }
    }

    private static IResult NotThinking() => ApiError.Result(StatusCodes.Status404NotFound, "not_thinking", "No agent asked for is thinking in such a run.");

    private static IResult NotFound() => ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such run, or it is over.");
}
