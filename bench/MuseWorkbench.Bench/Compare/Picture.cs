using System.Buffers.Binary;
using System.IO.Compression;

namespace MuseWorkbench.Bench.Compare;

/// <summary>A PNG that no cache has seen.</summary>
internal static class Picture
{
    private const int Side = 192;

    public static byte[] Draw(int seed)
    {
        var random = new Random(seed);
        var rows = new byte[Side * (1 + (3 * Side))];
        for (var block = 0; block < 40; block++)
        {
            var (left, top, size) = (random.Next(Side), random.Next(Side), random.Next(10, 60));
            var colour = new byte[3];
            random.NextBytes(colour);
            for (var y = top; y < Math.Min(Side, top + size); y++)
            {
                for (var x = left; x < Math.Min(Side, left + size); x++)
                {
                    colour.CopyTo(rows, (y * (1 + (3 * Side))) + 1 + (3 * x));
                }
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Side);
        (header[8], header[9]) = (8, 2);
        WriteChunk(png, "IHDR"u8, header);
        using (var data = new MemoryStream())
        {
            using (var packed = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
            {
                packed.Write(rows);
            }

            WriteChunk(png, "IDAT"u8, data.ToArray());
        }

        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(Stream png, ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] named = [.. type, .. data];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(named));
        png.Write(number);
    }

    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
