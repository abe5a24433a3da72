using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Images;

/// <summary><c>POST /v1/images/inspect</c>: decodes the body in full and says what it is, so that callers need no decoder of their own.</summary>
internal static class InspectEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, EngineSlot slot, ImageIntake images)
    {
        var engine = slot.Require();
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var encoded = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (encoded.IsEmpty || ImageType.Sniff(encoded.Span) is not { } mediaType)
        {
            throw new RequestRejectedException("The body is not a PNG, JPEG or WebP image.", "invalid_image");
        }

        var image = await images.DecodeAsync(engine, encoded, context.RequestAborted);
        return Results.Json(new { width = image.Width, height = image.Height, mediaType });
    }
}
