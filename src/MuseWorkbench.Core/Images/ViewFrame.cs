using System.Globalization;

namespace MuseWorkbench.Core;

/// <summary>
/// One image as a view shows it: the part, in whole pixels of the image, and the picture made of it. Maps boxes between
/// the two.
/// </summary>
/// <param name="ImageWidth">Of the original image, pixels.</param>
/// <param name="ImageHeight">Of the original image, pixels.</param>
/// <param name="Left">First column shown.</param>
/// <param name="Top">First row shown.</param>
/// <param name="Width">Columns shown, ≥ 1.</param>
/// <param name="Height">Rows shown, ≥ 1.</param>
/// <param name="Flip">Left and right exchanged.</param>
/// <param name="Tone">What becomes of the colours.</param>
/// <param name="ShownWidth">Width of the picture, pixels.</param>
/// <param name="ShownHeight">Height of the picture, pixels.</param>
public sealed record ViewFrame(
    int ImageWidth, int ImageHeight, int Left, int Top, int Width, int Height, bool Flip, ViewTone Tone, int ShownWidth, int ShownHeight)
{
    /// <summary>Most a picture is scaled up.</summary>
    public const int MaxEnlargement = 4;

    /// <summary>Most it is scaled down.</summary>
    public const double MinScale = 0.25;

    /// <summary>Longest side of a picture made, pixels: more than models take in, and as PNG well within what a request may carry.</summary>
    public const int MaxShownSide = 2048;

    /// <summary>Least side of a part, pixels. A narrower one is widened to this, and to a twentieth of its other side.</summary>
    public const int MinSide = 16;

    private const int MaxAspect = 20;
    private const double TileShare = 0.6;

    /// <summary>Whether it is the image as it is: then nothing has to be made.</summary>
    public bool IsOriginal =>
        Left == 0 && Top == 0 && Width == ImageWidth && Height == ImageHeight && !Flip && Tone == ViewTone.AsIs && ShownWidth == ImageWidth && ShownHeight == ImageHeight;

    /// <summary>The part shown, 0 to 1 of the image.</summary>
    public NormalizedBox Box => new(
        (double)Left / ImageWidth, (double)Top / ImageHeight, (double)(Left + Width) / ImageWidth, (double)(Top + Height) / ImageHeight);

    /// <summary>An image under a view.</summary>
    /// <param name="view">Null shows it as it is.</param>
    /// <param name="drawn">The rectangle drawn on this image; null where there is none.</param>
    public static ViewFrame Of(ViewSpec? view, int imageWidth, int imageHeight, NormalizedBox? drawn = null)
    {
        view ??= new ViewSpec();
        const double Rest = 1 - TileShare;
        var box = view.Area switch
        {
            ViewArea.Centre => new NormalizedBox(Rest / 2, Rest / 2, 1 - (Rest / 2), 1 - (Rest / 2)),
            ViewArea.TopLeft => new(0, 0, TileShare, TileShare),
            ViewArea.TopRight => new(Rest, 0, 1, TileShare),
            ViewArea.BottomLeft => new(0, Rest, TileShare, 1),
            ViewArea.BottomRight => new(Rest, Rest, 1, 1),
            ViewArea.Box => view.Box ?? NormalizedBox.Whole,
            ViewArea.Drawn => drawn ?? NormalizedBox.Whole,
            _ => NormalizedBox.Whole,
        };
        var frame = Of(box, imageWidth, imageHeight, view.Flip, view.Tone, view.Enlarge, view.Scale ?? 1);
        // Where nothing is to be made, the image goes as it is, however large.
        return view.Scale is null or 1 && frame with { ShownWidth = imageWidth, ShownHeight = imageHeight } is { IsOriginal: true } original ? original : frame;
    }

    /// <summary>A part of this image, enlarged, looked at the same way.</summary>
    /// <param name="part">0 to 1 of the image, not of the view.</param>
    public ViewFrame Zoom(NormalizedBox part) => Of(part, ImageWidth, ImageHeight, Flip, Tone, enlarge: true);

    /// <summary>A box on the picture, 0 to 1, as a box on the original image.</summary>
    public NormalizedBox ToImage(NormalizedBox box)
    {
        var (x0, x1) = Flip ? (1 - box.X1, 1 - box.X0) : (box.X0, box.X1);
        return new(
            (Left + (x0 * Width)) / ImageWidth, (Top + (box.Y0 * Height)) / ImageHeight,
            (Left + (x1 * Width)) / ImageWidth, (Top + (box.Y1 * Height)) / ImageHeight);
    }

    /// <summary>The other way, cut at the picture's edges: of what lies beside the part shown, an empty box on the edge remains.</summary>
    public NormalizedBox ToView(NormalizedBox box)
    {
        var (x0, x1) = (Along(box.X0 * ImageWidth, Left, Width), Along(box.X1 * ImageWidth, Left, Width));
        var (y0, y1) = (Along(box.Y0 * ImageHeight, Top, Height), Along(box.Y1 * ImageHeight, Top, Height));
        return Flip ? new(1 - x1, y0, 1 - x0, y1) : new(x0, y0, x1, y1);

        static double Along(double pixels, int start, int length) => Math.Clamp((pixels - start) / length, 0, 1);
    }

    private static ViewFrame Of(NormalizedBox box, int imageWidth, int imageHeight, bool flip, ViewTone tone, bool enlarge, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imageWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageHeight, 1);
        var (left, width) = Pixels(box.X0, box.X1, imageWidth);
        var (top, height) = Pixels(box.Y0, box.Y1, imageHeight);
        (left, width) = Widen(left, width, Math.Max(MinSide, height / MaxAspect), imageWidth);
        (top, height) = Widen(top, height, Math.Max(MinSide, width / MaxAspect), imageHeight);
        var longer = Math.Max(width, height);
        scale *= enlarge ? (double)Math.Max(imageWidth, imageHeight) / longer : 1;
        scale = Math.Min(Math.Min(scale, MaxEnlargement), (double)MaxShownSide / longer);
        return new(imageWidth, imageHeight, left, top, width, height, flip, tone, Scaled(width), Scaled(height));

        int Scaled(int side) => Math.Clamp((int)Math.Round(side * scale), 1, MaxShownSide);
    }

    // Every pixel the box touches. NaN counts as 0.
    private static (int Start, int Length) Pixels(double from, double to, int side)
    {
        var start = Math.Clamp((int)Math.Floor(Share(from) * side), 0, side - 1);
        var end = Math.Clamp((int)Math.Ceiling(Share(to) * side), start + 1, side);
        return (start, end - start);

        static double Share(double value) => value >= 0 ? Math.Min(value, 1) : 0;
    }

    private static (int Start, int Length) Widen(int start, int length, int least, int side)
    {
        if (length >= least)
            return (start, length);
        var wide = Math.Min(least, side);
        return (Math.Clamp(start - ((wide - length) / 2), 0, side - wide), wide);
    }

    /// <summary>The frame as an engine node's image routes take it: <c>left=0&amp;top=0&amp;…</c>.</summary>
    public string ToQuery() => string.Create(
        CultureInfo.InvariantCulture,
        $"left={Left}&top={Top}&width={Width}&height={Height}&flip={(Flip ? "true" : "false")}&tone={Tone}&shownWidth={ShownWidth}&shownHeight={ShownHeight}");
}
