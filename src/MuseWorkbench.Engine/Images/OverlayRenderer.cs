using System.Text;
using MuseWorkbench.Engine.Images.Vips;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Images;

/// <summary>Paints a drawing onto an image. Thread-safe.</summary>
public static class OverlayRenderer
{
    /// <summary>Longest drawing, bytes of UTF-8.</summary>
    public const int MaxDrawing = 8 * 1024 * 1024;

    /// <summary>The image with the drawing over it, as PNG.</summary>
    /// <param name="image">What is painted on.</param>
    /// <param name="svg">The drawing. What it refers to outside itself is not loaded: it has no address to start from.</param>
    /// <exception cref="RequestRejectedException">It is no drawing of the image's shape, or too long.</exception>
    public static unsafe byte[] Render(RgbImage image, string svg)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(svg);
        var drawing = Encoding.UTF8.GetBytes(svg);
        if (drawing.Length is 0 or > MaxDrawing)
        {
            throw Reject();
        }

        VipsLibrary.EnsureInitialized();
        // Pinned until the PNG is written: images are computed on demand.
        using var pixels = image.Pixels.Pin();
        fixed (byte* text = drawing)
        {
            try
            {
                return Paint(image, pixels.Pointer, text, drawing.Length);
            }
            catch (VipsException)
            {
                throw Reject();
            }
        }
    }

    private static unsafe byte[] Paint(RgbImage image, void* pixels, byte* drawing, int length)
    {
        using var raw = VipsNative.FromMemory(pixels, (nuint)image.Pixels.Length, image.Width, image.Height, 3, 0);
        if (raw.IsInvalid)
        {
            VipsNative.ClearErrors();
            throw new VipsException("image_new_from_memory");
        }

        // A raw image says nothing of its colours.
        using var copy = new VipsOperation("copy").Set("in", raw).Set("interpretation", "srgb");
        using var picture = copy.TakeImage();
        using var load = new VipsOperation("svgload_buffer").Set("buffer", drawing, length);
        using var overlay = load.TakeImage();
        if (VipsNative.Width(overlay) != image.Width || VipsNative.Height(overlay) != image.Height || VipsNative.Bands(overlay) != 4)
        {
            throw new VipsException("svgload");
        }

        using var composite = new VipsOperation("composite2").Set("base", picture).Set("overlay", overlay).Set("mode", "over");
        using var painted = composite.TakeImage();
        using var flatten = new VipsOperation("flatten").Set("in", painted);
        using var flat = flatten.TakeImage();
        using var cast = new VipsOperation("cast").Set("in", flat).Set("format", "uchar");
        using var whole = cast.TakeImage();
        using var save = new VipsOperation("pngsave_buffer").Set("in", whole).Set("compression", "3").Set("keep", "none");
        return save.TakeBytes();
    }

    private static RequestRejectedException Reject() => new("The drawing is not an SVG of the image's size.", "invalid_drawing");
}
