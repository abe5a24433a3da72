using System.Globalization;

namespace MuseWorkbench.Core;

/// <summary>
/// What an image may be at most, checked on its header before anything decodes it. Sides and shape are limited beside
/// the pixel count because a long thin image is small decoded and yet can become tens of thousands of patches.
/// </summary>
public sealed record ImageLimits
{
    private const int Megabyte = 1 << 20;
    private const int Megapixel = 1_000_000;

    public static ImageLimits Default { get; } = new();

    /// <summary>Encoded bytes.</summary>
    public int MaxBytes { get; init; } = 20 * Megabyte;

    /// <summary>Width × height.</summary>
    public long MaxPixels { get; init; } = 50 * Megapixel;

    /// <summary>Pixels of the longer side.</summary>
    public int MaxSide { get; init; } = 12_288;

    /// <summary>Longer side over shorter side.</summary>
    public int MaxAspect { get; init; } = 40;

    /// <summary>Reads the header and checks it.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="header">Meaningful where null is returned.</param>
    /// <returns>Null where the image is within limits, else a sentence for the user.</returns>
    public string? Check(ReadOnlySpan<byte> encoded, out ImageHeader header)
    {
        header = default;
        if (encoded.IsEmpty)
        {
            return "The file is empty.";
        }

        if (encoded.Length > MaxBytes)
        {
            return Say($"The image is {(double)encoded.Length / Megabyte:N1} MB; at most {MaxBytes / Megabyte:N0} MB is accepted.");
        }

        if (ImageHeader.TryRead(encoded) is not { } read)
        {
            return "The file is not a readable PNG, JPEG or WebP image.";
        }

        header = read;
        return CheckSize(read.Width, read.Height);
    }

    /// <summary>Null where the size is within limits, else a sentence for the user.</summary>
    public string? CheckSize(int width, int height)
    {
        var shorter = Math.Min(width, height);
        var longer = Math.Max(width, height);
        if (shorter < 1)
        {
            return Say($"The image is {width:N0} × {height:N0} pixels; a side must be at least 1.");
        }

        if (longer > MaxSide)
        {
            return Say($"The image is {width:N0} × {height:N0} pixels; a side may be at most {MaxSide:N0}.");
        }

        if ((long)width * height > MaxPixels)
        {
            return Say($"The image is {width:N0} × {height:N0} pixels, {(double)width * height / Megapixel:N1} megapixels; at most {(double)MaxPixels / Megapixel:N0} are accepted.");
        }

        return longer > (long)shorter * MaxAspect
            ? Say($"The image is {width:N0} × {height:N0} pixels; one side may be at most {MaxAspect:N0} times the other.")
            : null;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
