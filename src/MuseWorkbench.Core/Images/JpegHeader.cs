using System.Buffers.Binary;

namespace MuseWorkbench.Core;

/// <summary>Size and orientation of a JPEG: the first frame header, and the first EXIF segment before the first scan.</summary>
internal static class JpegHeader
{
    public static ImageHeader? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4 || data[0] != 0xFF || data[1] != 0xD8 || data[2] != 0xFF)
        {
            return null;
        }

        (int Width, int Height)? size = null;
        int? orientation = null;
        var rest = data[2..];
        while (TryReadSegment(ref rest, out var marker, out var body))
        {
            if (IsFrame(marker) && size is null && body.Length >= 5)
            {
                size = (BinaryPrimitives.ReadUInt16BigEndian(body[3..]), BinaryPrimitives.ReadUInt16BigEndian(body[1..]));
            }
            else if (marker == 0xE1 && orientation is null && body.StartsWith("Exif\0\0"u8))
            {
                orientation = ExifOrientation.Read(body[6..]);
            }
        }

        return size is var (width, height) ? ImageHeader.Create(ImageKind.Jpeg, width, height, orientation ?? 1) : null;
    }

    /// <summary>Takes the next segment off the front; false at the first scan, the end, or where the bytes are no segment.</summary>
    private static bool TryReadSegment(ref ReadOnlySpan<byte> rest, out byte marker, out ReadOnlySpan<byte> body)
    {
        marker = 0;
        body = default;
        if (rest.Length < 2 || rest[0] != 0xFF)
        {
            return false;
        }

        // Any number of fill bytes may stand before a marker.
        var start = rest.IndexOfAnyExcept((byte)0xFF);
        if (start < 0)
        {
            return false;
        }

        marker = rest[start];
        rest = rest[(start + 1)..];
        if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
        {
            return true;
        }

        if (marker is 0x00 or 0xD8 or 0xD9 or 0xDA || rest.Length < 2)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length < 2 || length > rest.Length)
        {
            return false;
        }

        body = rest[2..length];
        rest = rest[length..];
        return true;
    }

    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
