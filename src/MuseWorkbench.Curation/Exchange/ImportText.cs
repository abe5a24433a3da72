using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Text in imports: UTF-8, strictly, within bounds.</summary>
internal static class ImportText
{
    /// <summary>Longest text that is read as a whole, in bytes.</summary>
    public const int MaxWhole = 64 << 20;

    /// <summary>Longest line, in characters: room for a picture of the largest size in Base64.</summary>
    public const int MaxLine = 32 << 20;

    /// <summary>How deep JSON may be nested.</summary>
    public const int MaxDepth = 32;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ImportRefusedException">It is too long or no UTF-8.</exception>
    public static async Task<string> ReadWholeAsync(IImportFiles files, string name, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(files, name, MaxWhole, cancellationToken)
            ?? throw new ImportRefusedException($"'{FileNames.Show(name)}' is larger than {MaxWhole >> 20} MB, which is the most that is read.");
        try
        {
            return s_strict.GetString(bytes.Span).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw NoText(name, e);
        }
    }

    /// <summary>The bytes of a file; null where they are more than <paramref name="most"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytesAsync(IImportFiles files, string name, int most, CancellationToken cancellationToken)
    {
        await using var stream = files.Open(name);
        using var kept = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (kept.Length + read > most)
                return null;
            kept.Write(buffer, 0, read);
        }
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }

    /// <summary>Lines that are not blank, with their numbers from 1.</summary>
    /// <exception cref="ImportRefusedException">One is too long, or it is no UTF-8.</exception>
    public static IEnumerable<(int Number, string Text)> Lines(IImportFiles files, string name)
    {
        using var reader = new StreamReader(files.Open(name), s_strict, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);
        var line = new StringBuilder();
        for (var number = 1; ReadLine(reader, line, name); number++)
        {
            var text = line.ToString().TrimStart('\uFEFF');
            if (!string.IsNullOrWhiteSpace(text))
                yield return (number, text);
        }
    }

    /// <summary>One JSON value.</summary>
    /// <exception cref="MalformedRecordException">It is not one.</exception>
    public static JsonElement ParseJson(string text, int maxDepth = MaxDepth)
    {
        try
        {
            // Duplicate names: two readers would see two different cases.
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new MalformedRecordException(e.LineNumber is { } line ? $"This is not JSON: line {line + 1}, byte {e.BytePositionInLine} can't be read." : "This is not JSON: a field stands twice in the same place, or it is nested too deep.");
        }
    }

    /// <summary>The JSON value that a file is.</summary>
    /// <exception cref="ImportRefusedException">It is not one.</exception>
    public static async Task<JsonElement> ReadJsonAsync(IImportFiles files, string name, CancellationToken cancellationToken, int maxDepth = MaxDepth)
    {
        try
        {
            return ParseJson(await ReadWholeAsync(files, name, cancellationToken), maxDepth);
        }
        catch (MalformedRecordException e)
        {
            throw new ImportRefusedException($"'{FileNames.Show(name)}': {e.Message}", e);
        }
    }

    public static JsonElement ToElement(JsonNode? node) => JsonSerializer.SerializeToElement(node);

    private static bool ReadLine(StreamReader reader, StringBuilder line, string name)
    {
        line.Clear();
        try
        {
            int c;
            var any = false;
            while ((c = reader.Read()) >= 0)
            {
                any = true;
                if (c == '\n')
                    return true;
                if (line.Length == MaxLine)
                    throw new ImportRefusedException($"'{FileNames.Show(name)}' has a line longer than {MaxLine >> 20} million characters, which is the most that is read.");
                line.Append((char)c);
            }
            return any;
        }
        catch (DecoderFallbackException e)
        {
            throw NoText(name, e);
        }
    }

    private static ImportRefusedException NoText(string name, Exception e) => new($"'{FileNames.Show(name)}' is not text in UTF-8.", e);
}
