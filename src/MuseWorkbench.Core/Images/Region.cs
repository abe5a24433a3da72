using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>
/// A place an agent names in an image, in the original image's coordinates: a box; a point, where both corners are one;
/// or a polygon, with the box around it.
/// </summary>
/// <param name="Label">What the agent says is there; may be empty.</param>
/// <param name="X0">Left edge, 0 (left) to 1 (right) of the original image.</param>
/// <param name="Y0">Top edge, 0 (top) to 1 (bottom).</param>
/// <param name="X1">Right edge, ≥ <paramref name="X0"/>.</param>
/// <param name="Y1">Bottom edge, ≥ <paramref name="Y0"/>.</param>
/// <param name="ImageIndex">Which of the run's images, from 0.</param>
public sealed record Region(string Label, double X0, double Y0, double X1, double Y1, int ImageIndex = 0)
{
    /// <summary>Most corners of a polygon.</summary>
    public const int MaxCorners = 256;

    /// <summary>The corners of the outline as x, y, x, y … in the same shares, three or more; null where it has none.</summary>
    public ImmutableArray<double>? Polygon { get; init; }

    [JsonIgnore]
    public bool IsPoint => X0 == X1 && Y0 == Y1;

    /// <summary>Intersection over union of two boxes, 0 to 1: 0 where they share no area. Neither polygons nor which image it is counts.</summary>
    public double Iou(Region other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var width = Math.Min(X1, other.X1) - Math.Max(X0, other.X0);
        var height = Math.Min(Y1, other.Y1) - Math.Max(Y0, other.Y0);
        if (width <= 0 || height <= 0)
            return 0;
        var shared = width * height;
        return shared / ((X1 - X0) * (Y1 - Y0) + (other.X1 - other.X0) * (other.Y1 - other.Y0) - shared);
    }
}
