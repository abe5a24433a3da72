using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>Shows an agent a part of an image, enlarged: <c>{"box":[100,200,300,400]}</c>. The part is seen as its view sees the whole.</summary>
internal sealed class Crop(IImageRenderer renderer, IImageStore store) : ITool
{
    public ToolDefinition Definition { get; } = new(
        ToolNames.Crop, "Shows you a part of an image, enlarged, to look closer.",
        [
            new("box", ToolParameterKind.Box, "Left, top, right and bottom of the part, 0 to 1000 of the image as you see it."),
            new("image", ToolParameterKind.WholeNumber, "Which image, from 1; 1 where left out.") { IsRequired = false, Least = 1, Most = 64 },
        ]);

    public async ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var number = arguments.WholeNumber("image", 1);
        var (image, error) = context.Find(number);
        if (image is null)
            return ToolResult.Error(error!);
        var part = image.ToImage(arguments.Box("box"));
        if (!part.IsProper)
            return ToolResult.Error("The box has no area on the image.");
        if (!context.TakePicture())
            return ToolResult.Error($"You have been given {ToolLimits.PicturesPerAgent} pictures, which is all there are.");
        var frame = image.Frame.Zoom(part);
        try
        {
            var png = await renderer.RenderAsync(image.Encoded, frame, cancellationToken);
            var kept = await store.AddAsync(png, $"Part of {image.Ref.Name}", cancellationToken);
            return new ToolResult(string.Create(
                CultureInfo.InvariantCulture,
                $"The part follows as a picture, {frame.Width} × {frame.Height} pixels of the image shown as {frame.ShownWidth} × {frame.ShownHeight}. Coordinates in calls stay those of the whole image."))
            {
                Picture = new ToolPicture(kept, png, number - 1, frame),
            };
        }
        catch (ImageRenderException failure)
        {
            return ToolResult.Error(failure.Message);
        }
    }
}
