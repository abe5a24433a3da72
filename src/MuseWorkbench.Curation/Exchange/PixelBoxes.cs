using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Boxes and outlines as COCO writes them: left, top, width, height and x, y, x, y … in pixels.</summary>
internal static class PixelBoxes
{
    // Other tools' boxes overhang by their rounding.
    private const double Overhang = 1;
    private const int Decimals = 6;

    /// <exception cref="MalformedRecordException">Not four numbers.</exception>
    /// <exception cref="UnusableRecordException">It lies outside the image.</exception>
    public static Region Read(ImmutableArray<double> box, string label, ImageRef image, int imageIndex)
    {
        if (box.Length != 4)
            throw new MalformedRecordException($"A box has {box.Length} numbers; left, top, width and height are expected.");
        if (box[2] < 0 || box[3] < 0)
            throw new MalformedRecordException("A box has a negative width or height.");
        return new Region(label, Share(box[0], image.Width), Share(box[1], image.Height), Share(box[0] + box[2], image.Width), Share(box[1] + box[3], image.Height), imageIndex);
    }

    /// <summary>An outline's corners as shares of the image.</summary>
    public static ImmutableArray<double> ReadOutline(ImmutableArray<double> corners, ImageRef image) =>
        [.. corners.Select((value, i) => Share(value, i % 2 == 0 ? image.Width : image.Height))];

    public static double[] Write(Region region, ImageRef image)
    {
        var (left, top) = (Pixels(region.X0, image.Width), Pixels(region.Y0, image.Height));
        return [left, top, Extent(left, region.X1, image.Width), Extent(top, region.Y1, image.Height)];
    }

    public static double[] WriteOutline(ImmutableArray<double> corners, ImageRef image) =>
        [.. corners.Select((value, i) => Pixels(value, i % 2 == 0 ? image.Width : image.Height))];

    private static double Share(double pixels, int size) => pixels < -Overhang || pixels > size + Overhang
        ? throw new UnusableRecordException("A box or outline lies outside its image.")
        : Math.Round(Math.Clamp(pixels / size, 0, 1), Decimals);

    /// <summary>The shortest decimal that reads back as the same share.</summary>
    private static double Pixels(double share, int size) => Shortest(share * size, pixels => Share(pixels, size) == share);

    private static double Extent(double from, double share, int size) => Shortest(share * size - from, extent => extent >= 0 && Share(from + extent, size) == share);

    private static double Shortest(double exact, Func<double, bool> readsBack)
    {
        for (var decimals = 0; decimals <= 9; decimals++)
        {
            if (Math.Round(exact, decimals) is var rounded && readsBack(rounded))
                return rounded;
        }
        return Math.Max(exact, 0);
    }
}
