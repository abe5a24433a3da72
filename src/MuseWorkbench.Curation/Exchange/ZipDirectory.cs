using System.Buffers.Binary;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Walks a ZIP's central directory (APPNOTE 6.3.10, 4.3.12 to 4.3.16) without keeping it, because the library's reader
/// makes an object of every entry before anyone can say that a million are too many.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50, End64LocatorSignature = 0x07064b50, End64Signature = 0x06064b50, EntrySignature = 0x02014b50, FileSignature = 0x04034b50;
    private const int EndLength = 22, MaxComment = ushort.MaxValue, End64LocatorLength = 20, End64Length = 56, EntryLength = 46, FileLength = 30;
    private const ushort Zstandard = 93, Zip64Extra = 1;

    /// <exception cref="ImportRefusedException">There is no directory, or it has too many entries.</exception>
    /// <returns>Where the header of each entry packed by Zstandard begins, by its place in the directory: the library's reader can't unpack those.</returns>
    public static IReadOnlyDictionary<int, long> Check(Stream archive, ArchiveLimits limits)
    {
        try
        {
            archive.Position = Start(archive);
            return Walk(new BufferedStream(archive, 1 << 16), limits.MaxEntries);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentOutOfRangeException or IOException)
        {
            throw NoArchive();
        }
    }

    /// <summary>The bytes of an entry as they are packed.</summary>
    /// <param name="archive">Seekable; may be read elsewhere in between.</param>
    /// <param name="header">Where its header begins.</param>
    /// <param name="packed">How many they are.</param>
    /// <exception cref="InvalidDataException">There is no such entry.</exception>
    public static Stream OpenPacked(Stream archive, long header, long packed)
    {
        Span<byte> file = stackalloc byte[FileLength];
        if (header < 0 || header > archive.Length - FileLength)
            throw new InvalidDataException("The entry lies outside the archive.");
        archive.Position = header;
        archive.ReadExactly(file);
        var start = header + FileLength + BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(file) == FileSignature && packed >= 0 && start + packed <= archive.Length
            ? new SectionStream(archive, start, packed)
            : throw new InvalidDataException("The entry lies outside the archive.");
    }

    // Not disposed: the archive below stays open.
    private static Dictionary<int, long> Walk(BufferedStream directory, int maxEntries)
    {
        var zstandard = new Dictionary<int, long>();
        Span<byte> entry = stackalloc byte[EntryLength];
        for (var count = 0; ; count++)
        {
            if (directory.ReadAtLeast(entry[..4], 4, throwOnEndOfStream: false) < 4 || BinaryPrimitives.ReadUInt32LittleEndian(entry) != EntrySignature)
                return zstandard;
            if (count == maxEntries)
                throw new ImportRefusedException($"The archive holds more than {maxEntries} files, which is the most that is taken.");
            directory.ReadExactly(entry[4..]);
            var (name, extra, comment) = (BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]));
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]) != Zstandard)
            {
                directory.Seek(name + extra + comment, SeekOrigin.Current);
                continue;
            }

            directory.Seek(name, SeekOrigin.Current);
            var fields = new byte[extra];
            directory.ReadExactly(fields);
            directory.Seek(comment, SeekOrigin.Current);
            zstandard[count] = HeaderOf(entry, fields);
        }
    }

    /// <summary>Where an entry's header begins: in the entry, or in its Zip64 field behind those of its sizes that had no room either.</summary>
    private static long HeaderOf(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        var header = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        if (header != uint.MaxValue)
            return header;
        for (var at = 0; at + 4 <= extra.Length; at += 4 + BinaryPrimitives.ReadUInt16LittleEndian(extra[(at + 2)..]))
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra[at..]) != Zip64Extra)
                continue;
            var before = (BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]) == uint.MaxValue ? 8 : 0) + (BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]) == uint.MaxValue ? 8 : 0);
            return BinaryPrimitives.ReadInt64LittleEndian(extra[(at + 4 + before)..]);
        }

        throw new EndOfStreamException();
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
