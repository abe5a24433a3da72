namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>Finds labels a place beside their boxes: inside the image, never over each other.</summary>
internal sealed class LabelLayout(double width, double height)
{
    private readonly List<LabelBox> _taken = [];

    /// <summary>Null where there is no room; the box then stays without a label.</summary>
    public LabelBox? Place(double left, double top, double right, double bottom, double labelWidth, double labelHeight)
    {
        var x = Math.Clamp(left, 0, Math.Max(0, width - labelWidth));
        var end = Math.Clamp(right - labelWidth, 0, Math.Max(0, width - labelWidth));
        ReadOnlySpan<(double X, double Y)> spots =
        [
            (x, top - labelHeight), (end, top - labelHeight), (x, bottom), (end, bottom), (x, top), (x, bottom - labelHeight),
        ];
        foreach (var (spotX, spotY) in spots)
        {
            var spot = new LabelBox(spotX, spotY, labelWidth, labelHeight);
            if (spotY >= 0 && spotY + labelHeight <= height && labelWidth <= width && !_taken.Exists(spot.Meets))
            {
                _taken.Add(spot);
                return spot;
            }
        }

        return null;
    }
}

internal readonly record struct LabelBox(double X, double Y, double Width, double Height)
{
    public bool Meets(LabelBox other) => X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;
}
