using System.Security.Cryptography;

namespace MuseWorkbench.Engine.Runtimes;

/// <summary>
/// Checks a model file against a list of checksums beside it: <c>SHA256SUMS</c>, as <c>sha256sum</c> writes it. Without a
/// list, or where it does not name the file, nothing is checked. Reads the whole file, a second for one or two GB.
/// </summary>
internal static class FileSums
{
    public const string ListName = "SHA256SUMS";

    private const int SumLength = 64;

    /// <exception cref="InvalidDataException">The sum differs, or the list is not one.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while reading.</exception>
    public static void Check(string path, CancellationToken cancellationToken)
    {
        var list = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, ListName);
        if (!File.Exists(list) || Find(list, Path.GetFileName(path)) is not { } expected)
        {
            return;
        }

        var found = Sum(path, cancellationToken);
        if (!found.Equals(expected, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException(
                $"{path} is not the file that {list} names: expected SHA-256 {expected.ToLowerInvariant()}, found {found}. Get the file again, or correct the list if it was meant to change.");
        }
    }

    private static string? Find(string list, string name)
    {
        foreach (var line in File.ReadLines(list))
        {
            // The sum, a space, then a space or '*' (read as binary), then the name.
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.Length < SumLength + 3 || line[SumLength] != ' ' || line[SumLength + 1] is not (' ' or '*') || !line.Take(SumLength).All(char.IsAsciiHexDigit))
            {
                throw new InvalidDataException($"{list} is not a list of SHA-256 sums (\"{line[..Math.Min(line.Length, 80)]}\").");
            }

            if (line[(SumLength + 2)..] == name)
            {
                return line[..SumLength];
            }
        }

        return null;
    }

    private static string Sum(string path, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
