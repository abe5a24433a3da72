using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Images;

/// <summary>Turns and mirrors pixels as EXIF orientation asks.</summary>
internal static class Orientation
{
    private const int Bands = 3;

    /// <param name="stored">RGB as stored: <see cref="ImageHeader.StoredWidth"/> × <see cref="ImageHeader.StoredHeight"/>.</param>
    /// <param name="header">Sizes and orientation.</param>
    /// <param name="displayed">RGB as displayed: Width × Height.</param>
    public static void Apply(ReadOnlySpan<byte> stored, ImageHeader header, Span<byte> displayed)
    {
        if (header.Orientation == 1)
        {
            stored.CopyTo(displayed);
            return;
        }

        // Where the displayed image's first pixel is stored, and how far apart neighbours lie there.
        var (w, h) = (header.StoredWidth, header.StoredHeight);
        var (x, y, stepX, stepY) = header.Orientation switch
        {
            2 => (w - 1, 0, -1, w),
            3 => (w - 1, h - 1, -1, -w),
            4 => (0, h - 1, 1, -w),
            5 => (0, 0, w, 1),
            6 => (0, h - 1, -w, 1),
            7 => (w - 1, h - 1, -w, -1),
            _ => (w - 1, 0, w, -1),
        };
        var origin = (y * w) + x;
        var at = 0;
        for (var row = 0; row < header.Height; row++)
        {
            var source = (origin + (row * stepY)) * Bands;
            for (var column = 0; column < header.Width; column++)
            {
                displayed[at] = stored[source];
                displayed[at + 1] = stored[source + 1];
                displayed[at + 2] = stored[source + 2];
                at += Bands;
                source += stepX * Bands;
            }
        }
    }
}
