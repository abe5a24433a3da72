using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace MuseWorkbench.Curation.Tests.Kit;

/// <summary>ZIP files byte by byte, so that they can lie.</summary>
internal sealed class RawZip
{
    private readonly List<byte> _file = [];
    private readonly List<byte[]> _directory = [];

    /// <summary>Entries that the end record claims; null for as many as there are.</summary>
    public int? ClaimedEntries { get; init; }

    public RawZip Add(
        string name, byte[] content, bool deflate = false, uint? crc = null, uint? claimedSize = null, ushort flags = 0, uint attributes = 0, ushort? method = null,
        int repeatInDirectory = 1, bool zstandard = false)
    {
        var packed = deflate ? Deflate(content) : zstandard ? Zstandard(content) : content;
        var at = (uint)_file.Count;
        var title = Encoding.UTF8.GetBytes(name);
        Span<byte> header = stackalloc byte[46];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x02014b50);
        header[4] = 20;
        header[5] = 3; // Unix
        header[6] = 20;
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], (ushort)(flags | 0x800));
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], method ?? (ushort)(deflate ? 8 : zstandard ? 93 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], crc ?? Crc32.HashToUInt32(content));
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)packed.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], claimedSize ?? (uint)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[28..], (ushort)title.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[38..], attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[42..], at);
        for (var i = 0; i < repeatInDirectory; i++)
            _directory.Add([.. header, .. i == 0 ? title : Encoding.UTF8.GetBytes($"{i}{name}"[..title.Length])]);

        Span<byte> local = stackalloc byte[30];
        BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034b50);
        header[6..28].CopyTo(local[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(local[26..], (ushort)title.Length);
        _file.AddRange(local);
        _file.AddRange(title);
        _file.AddRange(packed);
        return this;
    }

    public RawZip Add(string name, string text) => Add(name, Encoding.UTF8.GetBytes(text));

    public byte[] ToBytes()
    {
        var start = (uint)_file.Count;
        foreach (var entry in _directory)
            _file.AddRange(entry);
        Span<byte> end = stackalloc byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], (ushort)(ClaimedEntries ?? _directory.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)(ClaimedEntries ?? _directory.Count));
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)_file.Count - start);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], start);
        _file.AddRange(end);
        return [.. _file];
    }

    private static byte[] Zstandard(byte[] content)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(content).ToArray();
    }

    private static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(content);
        return packed.ToArray();
    }
}
