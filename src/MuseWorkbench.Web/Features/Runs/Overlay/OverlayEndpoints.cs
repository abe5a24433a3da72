using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

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
        Guid runId, int? image, string? boxes, [FromServices] IRunService runs, [FromServices] IImageStore images, CancellationToken cancellationToken) =>
        SendAsync(runId, image, boxes, runs, async (reference, shapes) =>
            // As a download: a drawing opened here would have our origin.
            await images.ReadAsync(reference.Sha256, cancellationToken) is { } content
                ? Results.File(Encoding.UTF8.GetBytes(OverlaySvg.Write(reference, content, shapes)), "image/svg+xml", FileName(runId, image, "svg"))
                : ImageGone(),
            cancellationToken);

    private static Task<IResult> PngAsync(
        Guid runId, int? image, string? boxes, [FromServices] IRunService runs, [FromServices] IImageStore images, [FromServices] IOverlayPainter painter,
        CancellationToken cancellationToken) =>
        SendAsync(runId, image, boxes, runs, async (reference, shapes) =>
        {
            if (await images.ReadAsync(reference.Sha256, cancellationToken) is not { } content)
            {
                return ImageGone();
            }

            try
            {
                return Results.File(await painter.PaintAsync(content, OverlaySvg.Write(reference, null, shapes), cancellationToken), "image/png", FileName(runId, image, "png"));
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
        Guid runId, int? image, string? boxes, IRunService runs, Func<ImageRef, IReadOnlyList<OverlayShape>, Task<IResult>> send, CancellationToken cancellationToken)
    {
        if (boxes is not (null or "merged" or "all"))
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "bad_request", "'boxes' is 'merged' (one for each thing) or 'all' (every agent's own).");
        }

        var (run, refusal) = await ReadAsync(runId, runs, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        var (known, index) = (run!.Request?.Images ?? [], image ?? 0);
        return index < 0 || index >= known.Length
            ? ApiError.Result(StatusCodes.Status404NotFound, "not_found", $"The run has no image {index}; they count from 0.")
            : await send(known[index], boxes == "all" ? OverlayShape.All(run, index) : OverlayShape.Merged(run, index));
    }

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
