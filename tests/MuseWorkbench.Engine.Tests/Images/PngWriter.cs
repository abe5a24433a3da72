using System.Buffers.Binary;
using System.IO.Compression;

namespace MuseWorkbench.Engine.Tests.Images;

/// <summary>Writes PNG files, sound and unsound, chunk by chunk.</summary>
internal static class PngWriter
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;
    public const byte Rgba = 6;

    public static byte[] Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>8-bit RGB.</summary>
    public static byte[] Write(int width, int height, ReadOnlySpan<byte> rgb) =>
        Join(Signature, Header(width, height, 8, Rgb), Data(rgb, width * 3), End());

    /// <summary>A header of any claim with a little valid data behind it.</summary>
    public static byte[] Claiming(uint width, uint height) =>
        Join(Signature, Header(width, height, 8, Rgb), Data(new byte[300], 300), End());

    public static byte[] Header(long width, long height, byte depth, byte colour, byte interlace = 0)
    {
        var body = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(body, (uint)width);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), (uint)height);
        (body[8], body[9], body[12]) = (depth, colour, interlace);
        return Chunk("IHDR", body);
    }

    /// <summary>IDAT of unfiltered rows.</summary>
    public static byte[] Data(ReadOnlySpan<byte> samples, int rowBytes)
    {
        var raw = new MemoryStream();
        for (var at = 0; at < samples.Length; at += rowBytes)
        {
            raw.WriteByte(0);
            raw.Write(samples.Slice(at, rowBytes));
        }

        return Chunk("IDAT", Deflate(raw.ToArray()));
    }

    public static byte[] End() => Chunk("IEND", []);

    public static byte[] Deflate(byte[] raw)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(raw);
        }

        return packed.ToArray();
    }

    public static byte[] Chunk(string type, byte[] body)
    {
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)body.Length);
        System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), Crc(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
