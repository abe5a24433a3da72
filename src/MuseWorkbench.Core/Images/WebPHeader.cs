using System.Buffers.Binary;

namespace MuseWorkbench.Core;

/// <summary>Size and orientation of a WebP: lossy (VP8), lossless (VP8L) or extended (VP8X: the canvas, and its EXIF chunk).</summary>
internal static class WebPHeader
{
    private const byte ExifFlag = 0x08;

    public static ImageHeader? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < 20 || !data.StartsWith("RIFF"u8) || !data[8..].StartsWith("WEBP"u8))
        {
            return null;
        }

        // The container may be shorter than the file (what follows is no part of it), never longer.
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        var chunks = data[12..(int)Math.Min(data.Length, Math.Max(12L, claimed + 8L))];
        if (!TryReadChunk(ref chunks, out var type, out var body))
        {
            return null;
        }

        if (type.SequenceEqual("VP8X"u8))
        {
            return body.Length < 10
                ? null
                : ImageHeader.Create(ImageKind.WebP, 1 + ReadUInt24(body[4..]), 1 + ReadUInt24(body[7..]), (body[0] & ExifFlag) != 0 ? FindOrientation(chunks) : 1);
        }

        return ReadSize(type, body) is var (width, height) ? ImageHeader.Create(ImageKind.WebP, width, height, 1) : null;
    }

    private static (int Width, int Height)? ReadSize(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        if (type.SequenceEqual("VP8L"u8) && body.Length >= 5 && body[0] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            return (1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));
        }

        // A key frame (lowest bit 0) carries its start code and size after the 3-byte tag.
        if (type.SequenceEqual("VP8 "u8) && body.Length >= 10 && (body[0] & 1) == 0 && body[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
        {
            return (BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & 0x3FFF);
        }

        return null;
    }

    private static int FindOrientation(ReadOnlySpan<byte> chunks)
    {
        while (TryReadChunk(ref chunks, out var type, out var body))
        {
            if (type.SequenceEqual("EXIF"u8))
            {
                return ExifOrientation.Read(body.StartsWith("Exif\0\0"u8) ? body[6..] : body);
            }
        }

        return 1;
    }

    /// <summary>Takes the next chunk off the front; the last one's body may be cut short by the end.</summary>
    private static bool TryReadChunk(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        if (rest.Length < 8)
        {
            return false;
        }

        type = rest[..4];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        rest = rest[8..];
        body = rest[..(int)Math.Min(length, rest.Length)];
        rest = rest[(int)Math.Min(length + (length & 1L), rest.Length)..];
        return true;
    }

    private static int ReadUInt24(ReadOnlySpan<byte> b) => b[0] | (b[1] << 8) | (b[2] << 16);
}
