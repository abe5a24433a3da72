using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// Size and mean colour of a place, and how far it is from another: <c>{"box":[…],"other":[…]}</c>. Lengths are pixels of
/// the original image, whatever the agent's view.
/// </summary>
internal sealed class Measure(IImageRenderer renderer) : ITool
{
    public ToolDefinition Definition { get; } = new(
        ToolNames.Measure, "Measures a place in an image: its size and mean colour, and its distance from another place.",
        [
            new("box", ToolParameterKind.Box, "Left, top, right and bottom of the place, 0 to 1000 of the image as you see it."),
            new("other", ToolParameterKind.Box, "Another place, to measure the distance.") { IsRequired = false },
            new("image", ToolParameterKind.WholeNumber, "Which image, from 1; 1 where left out.") { IsRequired = false, Least = 1, Most = 64 },
        ]);

    public async ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var (image, error) = context.Find(arguments.WholeNumber("image", 1));
        if (image is null)
            return ToolResult.Error(error!);
        var box = image.ToImage(arguments.Box("box"));
        if (!box.IsProper)
            return ToolResult.Error("The box has no area on the image.");
        var (width, height) = (image.Ref.Width, image.Ref.Height);
        try
        {
            var colour = await renderer.MeanColourAsync(image.Encoded, ViewFrame.Of(null, width, height).Zoom(box), cancellationToken);
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"Size: {(box.X1 - box.X0) * width:0} × {(box.Y1 - box.Y0) * height:0} pixels, {100 * (box.X1 - box.X0) * (box.Y1 - box.Y0):0.#} % of the image. Mean colour: red {colour.R}, green {colour.G}, blue {colour.B} of 255.");
            return new ToolResult(arguments.BoxOrNull("other") is { } other ? $"{text} {Distance(box, image.ToImage(other), width, height)}" : text);
        }
        catch (ImageRenderException failure)
        {
            return ToolResult.Error(failure.Message);
        }
    }

    /// <summary>Between the centres, and between the nearest edges (0 where the boxes meet).</summary>
    private static string Distance(NormalizedBox a, NormalizedBox b, int width, int height)
    {
        var (dx, dy) = ((b.X0 + b.X1 - a.X0 - a.X1) / 2 * width, (b.Y0 + b.Y1 - a.Y0 - a.Y1) / 2 * height);
        var gapX = Math.Max(0, Math.Max(a.X0, b.X0) - Math.Min(a.X1, b.X1)) * width;
        var gapY = Math.Max(0, Math.Max(a.Y0, b.Y0) - Math.Min(a.Y1, b.Y1)) * height;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Distance: {Math.Sqrt((dx * dx) + (dy * dy)):0} pixels between the centres, {Math.Sqrt((gapX * gapX) + (gapY * gapY)):0} between the nearest edges.");
    }
}
