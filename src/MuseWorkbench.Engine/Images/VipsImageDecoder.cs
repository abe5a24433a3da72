using System.Security.Cryptography;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images.Vips;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Images;

/// <summary>
/// Decodes PNG, JPEG and WebP by libvips to 8-bit RGB: the first frame, orientation applied, transparency on white.
/// Colours are taken as stored: embedded ICC profiles of RGB and grey images are not applied. The header is checked in
/// managed code before native code sees a byte. Thread-safe.
/// </summary>
internal sealed class VipsImageDecoder : IImageDecoder, IDisposable
{
    private const string Damaged = "The image is damaged or of a kind that can't be decoded.";

    private readonly ImageLimits _limits;

    // A decode at the limit takes some 300 MB; more at once gain nothing where decoding already fills the cores.
    private readonly SemaphoreSlim _slots = new(2);

    /// <exception cref="DllNotFoundException">The native library is missing or does not run here.</exception>
    public VipsImageDecoder(ImageLimits? limits = null)
    {
        VipsLibrary.EnsureInitialized();
        _limits = limits ?? ImageLimits.Default;
    }

    public RgbImage Decode(ReadOnlyMemory<byte> encoded)
    {
        if (_limits.Check(encoded.Span, out var header) is { } reason)
        {
            throw Reject(reason);
        }

        _slots.Wait();
        try
        {
            var pixels = DecodePixels(encoded, header);
            return new(header.Width, header.Height, pixels, Convert.ToHexStringLower(SHA256.HashData(encoded.Span)));
        }
        catch (VipsException)
        {
            throw Reject(Damaged);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private static unsafe byte[] DecodePixels(ReadOnlyMemory<byte> encoded, ImageHeader header)
    {
        // Pinned until the last image over it is gone.
        using var pin = encoded.Pin();
        using var stored = Load(pin.Pointer, encoded.Length, header.Kind);
        if (VipsNative.Width(stored) != header.StoredWidth || VipsNative.Height(stored) != header.StoredHeight)
        {
            throw Reject(Damaged);
        }

        using var rgb = ConvertToRgb(stored);
        var memory = VipsNative.WriteToMemory(rgb, out var length);
        try
        {
            if (memory == 0 || length != (nuint)header.Width * (nuint)header.Height * 3)
            {
                VipsNative.ClearErrors();
                throw Reject(Damaged);
            }

            var pixels = GC.AllocateUninitializedArray<byte>((int)length);
            Orientation.Apply(new((void*)memory, (int)length), header, pixels);
            return pixels;
        }
        finally
        {
            VipsNative.Free(memory);
        }
    }

    /// <summary>By the kind the managed parser saw: libvips is not asked to guess.</summary>
    private static unsafe VipsObject Load(void* data, int length, ImageKind kind)
    {
        var loader = kind switch
        {
            ImageKind.Png => "pngload_buffer",
            ImageKind.Jpeg => "jpegload_buffer",
            _ => "webpload_buffer",
        };
        using var load = new VipsOperation(loader);
        return load.Set("buffer", data, length).Set("access", "sequential").Set("fail_on", "error").TakeImage();
    }

    /// <summary>Grey, palette, CMYK, 16-bit and transparent images alike become three bands of 8 bits.</summary>
    private static VipsObject ConvertToRgb(VipsObject stored)
    {
        using var colour = new VipsOperation("colourspace").Set("in", stored).Set("space", "srgb");
        using var srgb = colour.TakeImage();
        using var flatten = new VipsOperation("flatten").Set("in", srgb).Set("background", "255 255 255");
        using var flat = VipsNative.Bands(srgb) > 3 ? flatten.TakeImage() : null;
        using var cast = new VipsOperation("cast").Set("in", flat ?? srgb).Set("format", "uchar");
        return cast.TakeImage();
    }

    private static RequestRejectedException Reject(string message) => new(message, "invalid_image");
}
