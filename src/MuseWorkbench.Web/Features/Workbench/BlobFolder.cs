using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MuseWorkbench.Data.Storage;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// Bytes under their SHA-256 and a small record beside them, on disk. A file is written elsewhere, flushed, then renamed
/// into place, the record last: after a crash an entry is whole or absent.
/// </summary>
internal sealed partial class BlobFolder(Places places, string name)
{
    private const string RecordSuffix = ".json";

    /// <summary>64 lower-case hexadecimal digits: the only names ever made into a path.</summary>
    public static bool IsName(string? text) => text is not null && Digest().IsMatch(text);

    public static string NameOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Where the bytes lie, or would.</summary>
    public string PathOf(string sha256) =>
        IsName(sha256) ? Path.Combine(places.Data, name, sha256[..2], sha256) : throw new ArgumentException("Not a SHA-256.", nameof(sha256));

    public byte[]? ReadRecord(string sha256)
    {
        var path = PathOf(sha256);
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path + RecordSuffix) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Write(string sha256, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> record)
    {
        var path = PathOf(sha256);
        places.DataFolder(Path.Combine(name, sha256[..2]));
        DurableFile.FlushFolder(Path.Combine(places.Data, name)); // the folder may be new
        DurableFile.Write(path, bytes);
        DurableFile.Write(path + RecordSuffix, record);
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
