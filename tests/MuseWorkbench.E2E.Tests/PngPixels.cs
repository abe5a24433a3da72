using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MuseWorkbench.E2E.Tests;

/// <summary>The pixels of a PNG file of 8-bit colour, not interlaced: what a model would see of it.</summary>
internal sealed class PngPixels
{
    private readonly byte[] _samples;
    private readonly int _channels;

    public PngPixels(byte[] file)
    {
        using var packed = new MemoryStream();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var body = file.AsSpan(at + 8, length);
            switch (Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    (Width, Height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                    Assert.Equal((8, 0), (body[8], body[12]));
                    _channels = body[9] switch { 2 => 3, 6 => 4, var other => throw new NotSupportedException($"Colour type {other}.") };
                    break;
                case "IDAT":
                    packed.Write(body);
                    break;
            }

            at += length + 12;
        }

        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        _samples = Unfiltered(zlib);
    }

    public int Width { get; }

    public int Height { get; }

    public byte Red(int x, int y) => _samples[((y * Width) + x) * _channels];

    private byte[] Unfiltered(Stream rows)
    {
        var stride = Width * _channels;
        var samples = new byte[stride * Height];
        for (var y = 0; y < Height; y++)
        {
            var filter = rows.ReadByte();
            var row = samples.AsSpan(y * stride, stride);
            rows.ReadExactly(row);
            for (var i = 0; i < stride; i++)
            {
                var left = i < _channels ? 0 : row[i - _channels];
                var above = y == 0 ? 0 : samples[((y - 1) * stride) + i];
                var corner = y == 0 || i < _channels ? 0 : samples[((y - 1) * stride) + i - _channels];
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => above, 3 => (left + above) / 2, _ => Paeth(left, above, corner) });
            }
        }

        return samples;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var (a, b, c) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - (2 * corner)));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
