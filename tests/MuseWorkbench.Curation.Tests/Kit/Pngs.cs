using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Tests.Kit;

/// <summary>Real, tiny PNG files.</summary>
internal static class Pngs
{
    /// <summary>A grey picture of one shade.</summary>
    public static byte[] Grey(int width, int height, byte shade)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        Chunk(file, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var row = Enumerable.Repeat(shade, width + 1).ToArray();
            row[0] = 0;
            for (var y = 0; y < height; y++)
                zlib.Write(row);
        }
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    public static ImageRef Ref(byte[] png, string name = "a.png") =>
        new(Convert.ToHexStringLower(SHA256.HashData(png)), "image/png", ImageHeader.TryRead(png)!.Value.Width, ImageHeader.TryRead(png)!.Value.Height, name);

    private static void Chunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }
}
