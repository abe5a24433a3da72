using System.Globalization;
using System.IO.Compression;
using ZstdSharp;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// A ZIP archive, hostile until shown otherwise. Its directory is walked in constant memory first, names are only ever
/// looked up, nothing is unpacked to disk, and each file must be as long as the directory says, with its checksum.
/// </summary>
public sealed class ZipImportFiles : IImportFiles
{
    private const int SmallEntry = 64 << 10;
    private const int UnixTypeMask = 0xF000, UnixFile = 0x8000, UnixFolder = 0x4000;

    private readonly ZipArchive _archive;
    private readonly Stream _content;
    private readonly Dictionary<string, long> _zstandard = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    /// <param name="name">The name it came with.</param>
    /// <param name="content">Seekable; stays the caller's.</param>
    /// <exception cref="ImportRefusedException">It is no archive that is read here; the message says why.</exception>
    public ZipImportFiles(string name, Stream content, ArchiveLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        limits ??= ArchiveLimits.Default;
        Name = FileNames.Last(name);
        _content = content;
        var zstandard = ZipDirectory.Check(content, limits);
        try
        {
            content.Position = 0;
            _archive = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true);
            CheckWhole(_archive.Entries, content.Length, limits);
            ZipArchiveEntry[] files = [.. _archive.Entries.Where(entry => !entry.FullName.EndsWith('/'))];
            _entries = files.ToDictionary(entry => entry.FullName, StringComparer.Ordinal);
            Names = [.. files.Select(entry => entry.FullName)];
            foreach (var (index, header) in zstandard)
                _zstandard[_archive.Entries[index].FullName] = header;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException)
        {
            _archive?.Dispose();
            throw new ImportRefusedException("The archive is damaged: its directory can't be read.", e);
        }
        catch (ImportRefusedException)
        {
            _archive?.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public IReadOnlyList<string> Names { get; }

    public bool Contains(string name) => _entries.ContainsKey(name);

    public Stream Open(string name)
    {
        var entry = _entries[name];
        try
        {
            var unpacked = _zstandard.TryGetValue(name, out var header)
                ? new DecompressionStream(ZipDirectory.OpenPacked(_content, header, entry.CompressedLength), leaveOpen: false)
                : entry.Open();
            return new CheckedStream(unpacked, entry.Length, entry.Crc32, name);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            throw new ImportRefusedException($"The archive is damaged: '{FileNames.Show(name)}' can't be unpacked.", e);
        }
    }

    public void Dispose() => _archive.Dispose();

    private static void CheckWhole(IReadOnlyCollection<ZipArchiveEntry> entries, long archiveBytes, ArchiveLimits limits)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long packed = 0, unpacked = 0;
        foreach (var entry in entries)
        {
            if (FileNames.Fault(entry.FullName) is { } fault)
                throw new ImportRefusedException($"The archive is not taken: {fault}.");
            if (!names.Add(entry.FullName.TrimEnd('/')))
                throw new ImportRefusedException($"The archive is not taken: '{FileNames.Show(entry.FullName)}' is in it twice.");
            if (entry.IsEncrypted)
                throw new ImportRefusedException("The archive is encrypted. Unpack it and pack it again without a password.");
            if ((entry.ExternalAttributes >> 16 & UnixTypeMask) is not (0 or UnixFile or UnixFolder))
                throw new ImportRefusedException($"The archive is not taken: '{FileNames.Show(entry.FullName)}' is a link or a device.");
            CheckRatio(entry.Length, entry.CompressedLength, limits);
            (packed, unpacked) = (packed + entry.CompressedLength, unpacked + entry.Length);
            if (unpacked > limits.MaxBytes)
                throw new ImportRefusedException(string.Create(CultureInfo.InvariantCulture, $"The archive unpacks to more than {limits.MaxBytes >> 20:N0} MB, which is the most that is taken."));
        }
        // Files that share their bytes would unpack to far more than they take.
        if (packed > archiveBytes)
            throw new ImportRefusedException("The archive is not taken: files in it overlap.");
        CheckRatio(unpacked, packed, limits);
    }

    private static void CheckRatio(long unpacked, long packed, ArchiveLimits limits)
    {
        if (unpacked > SmallEntry && unpacked > packed * limits.MaxRatio)
            throw new ImportRefusedException($"The archive is not taken: it unpacks to more than {limits.MaxRatio} times its size.");
    }
}
