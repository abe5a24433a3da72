using System.Text.Json;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Images;

/// <summary><c>POST /v1/images/overlay</c>: <c>{"image": base64, "svg": "…"}</c> gives the image with the drawing on it, as PNG.</summary>
internal static class OverlayEndpoint
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    public static async Task<IResult> HandleAsync(HttpContext context, EngineSlot slot, ImageIntake images)
    {
        var engine = slot.Require();
        var request = await ReadAsync(context);
        var image = await images.DecodeAsync(engine, request.Image, context.RequestAborted);
        // Off the request's thread: a large picture takes a second.
        return Results.Bytes(await Task.Run(() => OverlayRenderer.Render(image, request.Svg), context.RequestAborted), "image/png");
    }

    private static async Task<OverlayRequest> ReadAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<OverlayRequest>(context.Request.Body, s_options, context.RequestAborted) is { Image.Length: > 0, Svg.Length: > 0 } request
                ? request
                : throw new RequestRejectedException("The body must name an image and a drawing.", "invalid_drawing");
        }
        catch (JsonException)
        {
            throw new RequestRejectedException("The body is not JSON with an image (Base64) and a drawing (svg).", "invalid_drawing");
        }
    }

    private sealed record OverlayRequest(byte[] Image, string Svg);
}
