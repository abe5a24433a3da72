namespace MuseWorkbench.Core;

/// <summary>Where an image comes to lie on the canvas a model sees. All in canvas pixels.</summary>
/// <param name="Width">Canvas width.</param>
/// <param name="Height">Canvas height.</param>
/// <param name="Left">Empty columns before the image.</param>
/// <param name="Top">Empty rows above the image.</param>
/// <param name="ImageWidth">Columns the scaled image takes.</param>
/// <param name="ImageHeight">Rows the scaled image takes.</param>
public readonly record struct ModelCanvas(int Width, int Height, int Left, int Top, int ImageWidth, int ImageHeight)
{
    /// <summary>A square of <paramref name="side"/> with the image scaled to fit and centred.</summary>
    public static ModelCanvas PadSquare(int width, int height, int side)
    {
        var longer = Math.Max(width, height);
        var w = Math.Clamp((int)Math.Round((double)width * side / longer), 1, side);
        var h = Math.Clamp((int)Math.Round((double)height * side / longer), 1, side);
        return new(side, side, (side - w) / 2, (side - h) / 2, w, h);
    }

    /// <summary>
    /// Whole patches in about the image's own shape, as llama.cpp sizes images for models that take any: sides rounded
    /// to patches, shrunk or grown to lie between the least and the most patches. The image keeps its shape; what
    /// rounding leaves over in one direction stays empty.
    /// </summary>
    /// <remarks>Single precision throughout and rounding away from zero, so that sizes agree to the pixel.</remarks>
    public static ModelCanvas Stretch(int width, int height, int patch, int minPatches, int maxPatches)
    {
        var minPixels = minPatches * patch * patch;
        var maxPixels = maxPatches * patch * patch;
        var w = Math.Max(patch, (int)MathF.Round(width / (float)patch, MidpointRounding.AwayFromZero) * patch);
        var h = Math.Max(patch, (int)MathF.Round(height / (float)patch, MidpointRounding.AwayFromZero) * patch);
        if ((long)w * h > maxPixels)
        {
            var shrink = MathF.Sqrt((float)height * width / maxPixels);
            h = Math.Max(patch, (int)MathF.Floor(height / shrink / patch) * patch);
            w = Math.Max(patch, (int)MathF.Floor(width / shrink / patch) * patch);
        }
        else if ((long)w * h < minPixels)
        {
            var grow = MathF.Sqrt(minPixels / ((float)height * width));
            h = (int)MathF.Ceiling(height * grow / patch) * patch;
            w = (int)MathF.Ceiling(width * grow / patch) * patch;
        }

        var scale = Math.Min((float)w / width, (float)h / height);
        var imageWidth = Math.Min((int)MathF.Ceiling(width * scale), w);
        var imageHeight = Math.Min((int)MathF.Ceiling(height * scale), h);
        return new(w, h, (w - imageWidth) / 2, (h - imageHeight) / 2, imageWidth, imageHeight);
    }
}
