using System.Buffers.Binary;

namespace MuseWorkbench.Core;

/// <summary>The orientation tag of an EXIF block (a TIFF header and its first directory; no other is followed).</summary>
internal static class ExifOrientation
{
    private const int EntrySize = 12;
    private const ushort OrientationTag = 0x0112;
    private const ushort ShortType = 3;

    /// <summary>1 to 8; 1 where the block has no valid tag.</summary>
    public static int Read(ReadOnlySpan<byte> tiff)
    {
        var little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!little && !tiff.StartsWith("MM\0*"u8)))
        {
            return 1;
        }

        var start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return 1;
        }

        var directory = tiff[(int)start..];
        var count = ReadUInt16(directory, little);
        var entries = directory[2..];
        for (var i = 0; i < count && entries.Length >= EntrySize; i++, entries = entries[EntrySize..])
        {
            if (ReadUInt16(entries, little) == OrientationTag)
            {
                var value = ReadUInt16(entries[8..], little);
                return ReadUInt16(entries[2..], little) == ShortType && value is >= 1 and <= 8 ? value : 1;
            }
        }

        return 1;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> b, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(b) : BinaryPrimitives.ReadUInt16BigEndian(b);
}
