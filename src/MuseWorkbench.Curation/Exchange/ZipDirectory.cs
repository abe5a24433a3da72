using System.Buffers.Binary;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Walks a ZIP's central directory (APPNOTE 6.3.10, 4.3.12 to 4.3.16) without keeping it, because the library's reader
/// makes an object of every entry before anyone can say that a million are too many.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50, End64LocatorSignature = 0x07064b50, End64Signature = 0x06064b50, EntrySignature = 0x02014b50;
    private const int EndLength = 22, MaxComment = ushort.MaxValue, End64LocatorLength = 20, End64Length = 56, EntryLength = 46;

    /// <exception cref="ImportRefusedException">There is no directory, or it has too many entries.</exception>
    public static void Check(Stream archive, ArchiveLimits limits)
    {
        try
        {
            archive.Position = Start(archive);
            Walk(new BufferedStream(archive, 1 << 16), limits.MaxEntries);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentOutOfRangeException or IOException)
        {
            throw NoArchive();
        }
    }

    // Not disposed: the archive below stays open.
    private static void Walk(BufferedStream directory, int maxEntries)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        for (var count = 0; ; count++)
        {
            if (directory.ReadAtLeast(entry[..4], 4, throwOnEndOfStream: false) < 4 || BinaryPrimitives.ReadUInt32LittleEndian(entry) != EntrySignature)
                return;
            if (count == maxEntries)
                throw new ImportRefusedException($"The archive holds more than {maxEntries} files, which is the most that is taken.");
            directory.ReadExactly(entry[4..]);
            var rest = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
            directory.Seek(rest, SeekOrigin.Current);
        }
    }

    private static long Start(Stream archive)
    {
        var length = (int)Math.Min(archive.Length, EndLength + MaxComment);
        var tail = new byte[length];
        archive.Position = archive.Length - length;
        archive.ReadExactly(tail);
        for (var at = length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != EndSignature)
                continue;
            var start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
            return start == uint.MaxValue ? Start64(archive, archive.Length - length + at) : start;
        }
        throw NoArchive();
    }

    private static long Start64(Stream archive, long end)
    {
        Span<byte> record = stackalloc byte[End64Length];
        archive.Position = end - End64LocatorLength;
        archive.ReadExactly(record[..End64LocatorLength]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64LocatorSignature)
            return uint.MaxValue;
        archive.Position = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
        archive.ReadExactly(record);
        return BinaryPrimitives.ReadUInt32LittleEndian(record) == End64Signature ? BinaryPrimitives.ReadInt64LittleEndian(record[48..]) : throw NoArchive();
    }

    private static ImportRefusedException NoArchive() => new("The file is not a whole ZIP archive.");
}
