using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Files that are one JSON object.</summary>
internal static class JsonFiles
{
    private const int Head = 256 << 10;

    /// <summary>The only one; null where there is none or several.</summary>
    public static string? Main(IImportFiles files)
    {
        string[] json = [.. files.Names.Where(name => FileNames.HasExtension(name, ".json"))];
        return json.Length == 1 ? json[0] : null;
    }

    /// <summary>Whether an object begins there with one of these fields, or one of its first fields is one.</summary>
    public static bool BeginsWith(IImportFiles files, string file, params ReadOnlySpan<string> names)
    {
        try
        {
            using var stream = files.Open(file);
            var buffer = new byte[Head];
            var read = stream.ReadAtLeast(buffer, Head, throwOnEndOfStream: false);
            var start = read >= 3 && buffer.AsSpan(0, 3).SequenceEqual(Encoding.UTF8.Preamble) ? 3 : 0;
            var reader = new Utf8JsonReader(buffer.AsSpan(start, read - start), isFinalBlock: false, default);
            while (reader.Read())
            {
                if (reader is { CurrentDepth: 0, TokenType: not (JsonTokenType.StartObject or JsonTokenType.EndObject) })
                    return false;
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                foreach (var name in names)
                {
                    if (reader.ValueTextEquals(name))
                        return true;
                }
            }
            return false;
        }
        catch (Exception e) when (e is JsonException or ImportRefusedException)
        {
            return false;
        }
    }
}
