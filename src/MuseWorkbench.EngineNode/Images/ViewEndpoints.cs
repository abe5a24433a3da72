using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace MuseWorkbench.EngineNode.Images;

/// <summary>
/// <c>POST /v1/images/view</c>: the picture a frame shows of the image in the body, as PNG. <c>POST /v1/images/colour</c>:
/// the mean colour of the frame's part. Frames are given by the query.
/// </summary>
internal static class ViewEndpoints
{
    public static async Task<IResult> ViewAsync(HttpContext context, [AsParameters] FrameQuery query, EngineSlot slot, ImageIntake images)
    {
        var image = await InspectEndpoint.DecodeAsync(context, slot, images);
        // Off the request's thread: a large picture takes a second.
        var png = await Task.Run(() => ViewRenderer.Render(image, query.ToFrame(image)), context.RequestAborted);
        return Results.Bytes(png, "image/png");
    }

    public static async Task<IResult> ColourAsync(HttpContext context, [AsParameters] FrameQuery query, EngineSlot slot, ImageIntake images)
    {
        var image = await InspectEndpoint.DecodeAsync(context, slot, images);
        return Results.Json(ViewRenderer.MeanColour(image, query.ToFrame(image)), MuseJson.Options);
    }

    /// <summary>A frame in pixels of the image; what is left out is as in the image itself.</summary>
    internal sealed record FrameQuery
    {
        [FromQuery] public int? Left { get; init; }
        [FromQuery] public int? Top { get; init; }
        [FromQuery] public int? Width { get; init; }
        [FromQuery] public int? Height { get; init; }
        [FromQuery] public bool? Flip { get; init; }
        [FromQuery] public string? Tone { get; init; }
        [FromQuery] public int? ShownWidth { get; init; }
        [FromQuery] public int? ShownHeight { get; init; }

        public ViewFrame ToFrame(RgbImage image)
        {
            var (width, height) = (Width ?? image.Width, Height ?? image.Height);
            return new(image.Width, image.Height, Left ?? 0, Top ?? 0, width, height, Flip ?? false, ReadTone(), ShownWidth ?? width, ShownHeight ?? height);
        }

        // By name, in any case; a number is no tone.
        private ViewTone ReadTone() =>
            Tone is null ? ViewTone.AsIs
            : Enum.TryParse<ViewTone>(Tone, ignoreCase: true, out var tone) && tone.ToString().Equals(Tone, StringComparison.OrdinalIgnoreCase) ? tone
            : throw new RequestRejectedException("'tone' must be asIs, grey, contrast, brighter or darker.", "invalid_view");
    }
}
