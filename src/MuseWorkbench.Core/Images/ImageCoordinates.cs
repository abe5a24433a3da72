using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>
/// Boxes between a model's coordinates and the image's, both normalised to 0 … 1. A model speaks of the canvas it saw;
/// people and stored regions speak of the original image.
/// </summary>
public static class ImageCoordinates
{
    /// <summary>
    /// A box on the model's canvas as a box on the original image, cut at the image's edges: of what lies wholly in the
    /// padding, an empty box on the edge remains. Edges given in the wrong order are put right.
    /// </summary>
    /// <param name="box">0 … 1 of the canvas; outside values are cut off.</param>
    /// <param name="fit">How the image came onto the canvas.</param>
    /// <param name="width">Of the original image, pixels, ≥ 1.</param>
    /// <param name="height">Of the original image, pixels, ≥ 1.</param>
    /// <remarks>
    /// With <see cref="ImageFit.Stretch"/> canvas and image are taken to be one; the margin that rounding to patches leaves
    /// (<see cref="ModelCanvas.Stretch"/>) is under half a patch a side at common shapes and grows with extreme ones.
    /// Rounding of the scaled size to whole canvas pixels is not followed either (half a pixel at most).
    /// </remarks>
    public static NormalizedBox ToOriginal(NormalizedBox box, ImageFit fit, int width, int height)
    {
        var (scaleX, scaleY) = Scale(fit, width, height);
        var (x0, x1) = Order(Undo(box.X0, scaleX), Undo(box.X1, scaleX));
        var (y0, y1) = Order(Undo(box.Y0, scaleY), Undo(box.Y1, scaleY));
        return new(x0, y0, x1, y1);

        static double Undo(double value, double scale) => Clip((value - (1 - scale) / 2) / scale);
    }

    /// <summary>The other way: a box on the original image as a box on the model's canvas.</summary>
    /// <inheritdoc cref="ToOriginal"/>
    public static NormalizedBox ToModel(NormalizedBox box, ImageFit fit, int width, int height)
    {
        var (scaleX, scaleY) = Scale(fit, width, height);
        var (x0, x1) = Order(Do(box.X0, scaleX), Do(box.X1, scaleX));
        var (y0, y1) = Order(Do(box.Y0, scaleY), Do(box.Y1, scaleY));
        return new(x0, y0, x1, y1);

        static double Do(double value, double scale) => Clip(value) * scale + (1 - scale) / 2;
    }

    /// <summary>Share of the canvas the image takes in each direction; it is centred.</summary>
    private static (double X, double Y) Scale(ImageFit fit, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        double longer = Math.Max(width, height);
        return fit == ImageFit.PadSquare ? (width / longer, height / longer) : (1, 1);
    }

    // NaN becomes 0: a region is drawn, stored and compared, and must always be a box.
    private static double Clip(double value) => value >= 0 ? Math.Min(value, 1) : 0;

    private static (double, double) Order(double a, double b) => a <= b ? (a, b) : (b, a);
}

/// <summary>A box in coordinates of 0 to 1, from the top left.</summary>
public readonly record struct NormalizedBox(double X0, double Y0, double X1, double Y1)
{
    /// <summary>All of it.</summary>
    public static NormalizedBox Whole => new(0, 0, 1, 1);

    /// <summary>Whether it lies within 0 to 1, its corners are in order and it has an area.</summary>
    [JsonIgnore]
    public bool IsProper => X0 >= 0 && Y0 >= 0 && X1 <= 1 && Y1 <= 1 && X0 < X1 && Y0 < Y1;
}
