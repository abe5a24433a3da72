using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Features.Workbench.Viewer;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>The places of a run that is over, as files: <c>overlay.png</c>, <c>overlay.svg</c>, <c>overlay.coco.json</c>.</summary>
internal static class OverlayEndpoints
{
    public static void AddOverlays(this WebApplicationBuilder builder) => builder.Services.AddSingleton<IOverlayPainter, OverlayPainter>();

    public static void MapOverlays(this RouteGroupBuilder api)
    {
        api.MapGet("{runId:guid}/overlay.svg", SvgAsync);
        api.MapGet("{runId:guid}/overlay.png", PngAsync);
        api.MapGet("{runId:guid}/overlay.coco.json", CocoAsync);
    }

    private static Task<IResult> SvgAsync(
        Guid runId, int? image, string? boxes, int? agent, [FromServices] IRunService runs, [FromServices] IImageStore images, CancellationToken cancellationToken) =>
        SendAsync(runId, image, boxes, agent, runs, async (reference, drawing) =>
            // As a download: a drawing opened here would have our origin.
            await images.ReadAsync(reference.Sha256, cancellationToken) is { } content
                ? Results.File(Encoding.UTF8.GetBytes(OverlaySvg.Write(reference, content, drawing)), "image/svg+xml", FileName(runId, image, "svg"))
                : ImageGone(),
            cancellationToken);

    private static Task<IResult> PngAsync(
        Guid runId, int? image, string? boxes, int? agent, [FromServices] IRunService runs, [FromServices] IImageStore images, [FromServices] IOverlayPainter painter,
        CancellationToken cancellationToken) =>
        SendAsync(runId, image, boxes, agent, runs, async (reference, drawing) =>
        {
            if (await images.ReadAsync(reference.Sha256, cancellationToken) is not { } content)
            {
                return ImageGone();
            }

            try
            {
                return Results.File(await painter.PaintAsync(content, OverlaySvg.Write(reference, null, drawing), cancellationToken), "image/png", FileName(runId, image, "png"));
            }
            catch (OverlayException e)
            {
                return ApiError.Result(StatusCodes.Status503ServiceUnavailable, "not_painted", e.Message);
            }
        }, cancellationToken);

    private static async Task<IResult> CocoAsync(Guid runId, [FromServices] IRunService runs, CancellationToken cancellationToken)
    {
        var (run, refusal) = await ReadAsync(runId, runs, cancellationToken);
        return refusal ?? Results.File(JsonSerializer.SerializeToUtf8Bytes(CocoDocument.Of(run!), MuseJson.Options), "application/json", $"run-{runId}.coco.json");
    }

    private static async Task<IResult> SendAsync(
        Guid runId, int? image, string? boxes, int? agent, IRunService runs, Func<ImageRef, OverlayDrawing, Task<IResult>> send, CancellationToken cancellationToken)
    {
        if (ModeOf(boxes) is not { } mode)
        {
            return ApiError.Result(
                StatusCodes.Status400BadRequest, "bad_request",
                "'boxes' is 'merged' (one for each thing), 'all' (every agent's own), 'order' (one agent's, numbered as it looked at them), 'heat' (how many agents look where) or 'off' (the image alone).");
        }

        var (run, refusal) = await ReadAsync(runId, runs, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        if (agent < 0 || agent >= run!.Agents.Length)
        {
            return ApiError.Result(StatusCodes.Status404NotFound, "not_found", $"The run has no agent {agent}; they count from 0.");
        }

        var (known, index) = (run!.Request?.Images ?? [], image ?? 0);
        return index < 0 || index >= known.Length
            ? ApiError.Result(StatusCodes.Status404NotFound, "not_found", $"The run has no image {index}; they count from 0.")
            : await send(known[index], OverlayDrawing.Of(run, index, mode, agent));
    }

    private static BoxMode? ModeOf(string? boxes) => boxes switch
    {
        null or "merged" => BoxMode.Merged,
        "all" => BoxMode.All,
        "order" => BoxMode.Order,
        "heat" => BoxMode.Heat,
        "off" => BoxMode.Off,
        _ => null,
    };

    private static async Task<(RunViewModel? Run, IResult? Refusal)> ReadAsync(Guid runId, IRunService runs, CancellationToken cancellationToken)
    {
        if (!await runs.ExistsAsync(runId, cancellationToken))
        {
            return (null, ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such run."));
        }

        if (runs.List().Any(run => run.RunId == runId && run.Outcome is null))
        {
            return (null, ApiError.Result(StatusCodes.Status409Conflict, "run_rejected", "The run is still under way; save what is on its images when it is over."));
        }

        var view = new RunViewModel(runId);
        await foreach (var e in runs.ReadAsync(runId, 0, cancellationToken))
        {
            view.Apply(e);
        }

        return (view, null);
    }

    private static IResult ImageGone() => ApiError.Result(StatusCodes.Status404NotFound, "not_found", "The image of this run is gone.");

    private static string FileName(Guid runId, int? image, string kind) => $"run-{runId}-image-{(image ?? 0) + 1}.{kind}";
}
