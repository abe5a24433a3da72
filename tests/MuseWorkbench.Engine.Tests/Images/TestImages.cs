using System.Buffers.Binary;
using MuseWorkbench.Engine.Images.Vips;

namespace MuseWorkbench.Engine.Tests.Images;

/// <summary>Images made on the spot: pixels by arithmetic, JPEG and WebP by libvips' own encoders.</summary>
internal static class TestImages
{
    /// <summary>Smooth, so that lossy encoders keep it, and different in every corner, so that turns show.</summary>
    public static byte[] Gradient(int width, int height)
    {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = ((y * width) + x) * 3;
                rgb[at] = (byte)(x * 255 / Math.Max(1, width - 1));
                rgb[at + 1] = (byte)(y * 255 / Math.Max(1, height - 1));
                rgb[at + 2] = (byte)((x + y) * 127 / Math.Max(1, width + height - 2));
            }
        }

        return rgb;
    }

    public static byte[] Noise(int width, int height, int seed)
    {
        var rgb = new byte[width * height * 3];
        new Random(seed).NextBytes(rgb);
        return rgb;
    }

    public static byte[] Png(int width, int height) => PngWriter.Write(width, height, Gradient(width, height));

    public static byte[] Jpeg(int width, int height, bool progressive = false) =>
        Encode(Png(width, height), "jpegsave_buffer", ("Q", "95"), ("interlace", progressive ? "true" : "false"));

    public static byte[] CmykJpeg(int width, int height) => Encode(Png(width, height), "jpegsave_buffer", "cmyk", ("Q", "95"));

    public static byte[] WebP(int width, int height, bool lossless = false) =>
        Encode(Png(width, height), "webpsave_buffer", ("lossless", lossless ? "true" : "false"), ("Q", "95"));

    /// <summary>Frames cut from a gradient of <paramref name="frames"/> times the height.</summary>
    public static byte[] AnimatedWebP(int width, int height, int frames) =>
        Encode(Png(width, height * frames), "webpsave_buffer", ("lossless", "true"), ("page-height", $"{height}"));

    public static byte[] Encode(byte[] png, string operation, params (string Name, string Value)[] settings) =>
        Encode(png, operation, "srgb", settings);

    public static unsafe byte[] Encode(byte[] png, string operation, string space, params (string Name, string Value)[] settings)
    {
        fixed (byte* data = png)
        {
            using var load = new VipsOperation("pngload_buffer").Set("buffer", data, png.Length);
            using var image = load.TakeImage();
            using var convert = new VipsOperation("colourspace").Set("in", image).Set("space", space);
            using var converted = convert.TakeImage();
            using var save = new VipsOperation(operation).Set("in", converted).Set("keep", "none");
            foreach (var (name, value) in settings)
            {
                save.Set(name, value);
            }

            return save.TakeBytes();
        }
    }

    /// <summary>A TIFF header and one directory entry, as EXIF wants it.</summary>
    public static byte[] Exif(ushort orientation, bool little = true)
    {
        var tiff = new byte[26];
        (little ? "II*\0"u8 : "MM\0*"u8).CopyTo(tiff);
        Write32(4, 8);
        Write16(8, 1);
        Write16(10, 0x0112);
        Write16(12, 3);
        Write32(14, 1);
        Write16(18, orientation);
        return tiff;

        void Write16(int at, ushort v)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(at), v);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at), v);
            }
        }

        void Write32(int at, uint v)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(at), v);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(tiff.AsSpan(at), v);
            }
        }
    }

    public static byte[] WithExif(byte[] encoded, byte[] tiff) => encoded[0] switch
    {
        0x89 => PngWriter.Join(encoded[..33], PngWriter.Chunk("eXIf", tiff), encoded[33..]),
        0xFF => PngWriter.Join(encoded[..2], JpegSegment(0xE1, [.. "Exif\0\0"u8, .. tiff]), encoded[2..]),
        _ => ExtendedWebP(encoded, tiff),
    };

    public static byte[] JpegSegment(byte marker, byte[] body)
    {
        var length = body.Length + 2;
        return [0xFF, marker, (byte)(length >> 8), (byte)length, .. body];
    }

    /// <summary>Wraps the frame of a simple WebP into the extended form with an EXIF chunk.</summary>
    private static byte[] ExtendedWebP(byte[] simple, byte[] tiff)
    {
        var header = Core.ImageHeader.TryRead(simple)!.Value;
        var canvas = new byte[10];
        canvas[0] = 0x08;
        Write24(4, header.Width - 1);
        Write24(7, header.Height - 1);
        var frame = simple[12..];
        return Riff([.. Chunk("VP8X", canvas), .. frame, .. Chunk("EXIF", tiff)]);

        void Write24(int at, int v) => (canvas[at], canvas[at + 1], canvas[at + 2]) = ((byte)v, (byte)(v >> 8), (byte)(v >> 16));
    }

    public static byte[] Chunk(string type, byte[] body)
    {
        var head = new byte[8];
        System.Text.Encoding.ASCII.GetBytes(type, head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), (uint)body.Length);
        return body.Length % 2 == 0 ? [.. head, .. body] : [.. head, .. body, 0];
    }

    public static byte[] Riff(byte[] chunks) => Chunk("RIFF", [.. "WEBP"u8, .. chunks]);
}
