using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images.Vips;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Images;

/// <summary>Makes the picture a view shows, and measures colours. Thread-safe.</summary>
public static class ViewRenderer
{
    /// <summary>The picture as PNG: cut out, mirrored, toned, then scaled. Equal pixels and frames give equal bytes.</summary>
    /// <exception cref="RequestRejectedException">The frame is not one of this image.</exception>
    public static unsafe byte[] Render(RgbImage image, ViewFrame frame)
    {
        Check(image, frame);
        VipsLibrary.EnsureInitialized();
        // Pinned until the PNG is written: images are computed on demand.
        using var pin = image.Pixels.Pin();
        using var whole = VipsNative.FromMemory(pin.Pointer, (nuint)image.Pixels.Length, image.Width, image.Height, 3, 0);
        if (whole.IsInvalid)
        {
            VipsNative.ClearErrors();
            throw new VipsException("image_new_from_memory");
        }

        // A raw image says nothing of its colours.
        using var copy = new VipsOperation("copy").Set("in", whole).Set("interpretation", "srgb");
        using var coloured = copy.TakeImage();
        using var extract = new VipsOperation("extract_area").Set("input", coloured)
            .Set("left", Text(frame.Left)).Set("top", Text(frame.Top)).Set("width", Text(frame.Width)).Set("height", Text(frame.Height));
        using var part = extract.TakeImage();
        using var mirror = frame.Flip ? new VipsOperation("flip").Set("in", part).Set("direction", "horizontal") : null;
        using var mirrored = mirror?.TakeImage();
        using var toned = Tone(mirrored ?? part, frame.Tone);
        using var resize = frame.ShownWidth == frame.Width && frame.ShownHeight == frame.Height
            ? null
            : new VipsOperation("resize").Set("in", toned ?? mirrored ?? part)
                .Set("scale", Text((double)frame.ShownWidth / frame.Width)).Set("vscale", Text((double)frame.ShownHeight / frame.Height));
        using var sized = resize?.TakeImage();
        using var save = new VipsOperation("pngsave_buffer").Set("in", sized ?? toned ?? mirrored ?? part).Set("compression", "3").Set("keep", "none");
        return save.TakeBytes();
    }

    /// <summary>The mean of the pixels in the frame's part, rounded.</summary>
    /// <exception cref="RequestRejectedException">The frame is not one of this image.</exception>
    public static RgbColour MeanColour(RgbImage image, ViewFrame frame)
    {
        Check(image, frame);
        long r = 0, g = 0, b = 0;
        for (var y = frame.Top; y < frame.Top + frame.Height; y++)
        {
            var row = image.Pixels.Span.Slice(((y * image.Width) + frame.Left) * 3, frame.Width * 3);
            for (var at = 0; at < row.Length; at += 3)
            {
                r += row[at];
                g += row[at + 1];
                b += row[at + 2];
            }
        }

        var count = (long)frame.Width * frame.Height;
        return new(Mean(r), Mean(g), Mean(b));

        byte Mean(long sum) => (byte)((sum + (count / 2)) / count);
    }

    private static VipsObject? Tone(VipsObject image, ViewTone tone)
    {
        using var operation = tone switch
        {
            ViewTone.Grey => new VipsOperation("colourspace").Set("in", image).Set("space", "b-w"),
            ViewTone.Contrast => Linear(1.6, 128 - (1.6 * 128)),
            ViewTone.Brighter => Linear(1.35, 0),
            ViewTone.Darker => Linear(0.65, 0),
            _ => null,
        };
        return operation?.TakeImage();

        VipsOperation Linear(double factor, double offset) =>
            new VipsOperation("linear").Set("in", image).Set("a", Text(factor)).Set("b", Text(offset)).Set("uchar", "true");
    }

    private static void Check(RgbImage image, ViewFrame frame)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(frame);
        var fits = frame.ImageWidth == image.Width && frame.ImageHeight == image.Height
            && frame.Left >= 0 && frame.Top >= 0 && frame.Width >= 1 && frame.Height >= 1
            && frame.Left <= image.Width - frame.Width && frame.Top <= image.Height - frame.Height
            && frame.ShownWidth is >= 1 and <= ViewFrame.MaxShownSide && frame.ShownHeight is >= 1 and <= ViewFrame.MaxShownSide
            && Enum.IsDefined(frame.Tone);
        if (!fits)
        {
            throw new RequestRejectedException("The view does not fit the image.", "invalid_view");
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
