using MuseWorkbench.Engine.Images;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Images;

/// <summary><c>POST /v1/images/inspect</c>: decodes the body in full and says what it is and looks like, so that callers need no decoder of their own.</summary>
internal static class InspectEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, EngineSlot slot, ImageIntake images)
    {
        var (encoded, mediaType) = await ReadAsync(context);
        var image = await images.DecodeAsync(slot.Require(), encoded, context.RequestAborted);
        var differenceHash = DifferenceHash.Compute(image.Pixels.Span, image.Width, image.Height).ToString("x16", CultureInfo.InvariantCulture);
        return Results.Json(new { width = image.Width, height = image.Height, mediaType, differenceHash });
    }

    /// <summary>The image in a request's body.</summary>
    /// <exception cref="RequestRejectedException">There is none that can be decoded.</exception>
    public static async Task<RgbImage> DecodeAsync(HttpContext context, EngineSlot slot, ImageIntake images)
    {
        var (encoded, _) = await ReadAsync(context);
        return await images.DecodeAsync(slot.Require(), encoded, context.RequestAborted);
    }

    private static async Task<(ReadOnlyMemory<byte> Encoded, string MediaType)> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var encoded = body.GetBuffer().AsMemory(0, (int)body.Length);
        return encoded.IsEmpty || ImageType.Sniff(encoded.Span) is not { } mediaType
            ? throw new RequestRejectedException("The body is not a PNG, JPEG or WebP image.", "invalid_image")
            : (encoded, mediaType);
    }
}
