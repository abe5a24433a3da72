using System.Text.Json;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Files of one JSON object a line.</summary>
internal static class JsonLines
{
    /// <summary>The only one; null where there is none or several.</summary>
    public static string? Main(IImportFiles files)
    {
        string[] lines = [.. files.Names.Where(name => FileNames.HasExtension(name, ".jsonl") || FileNames.HasExtension(name, ".ndjson"))];
        return lines.Length == 1 ? lines[0] : null;
    }

    /// <summary>Whether the first line is an object with that field.</summary>
    public static bool FirstHas(IImportFiles files, string file, string field)
    {
        try
        {
            var (_, text) = ImportText.Lines(files, file).FirstOrDefault();
            return text is not null && ImportText.ParseJson(text) is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty(field, out _);
        }
        catch (Exception e) when (e is MalformedRecordException or ImportRefusedException)
        {
            return false;
        }
    }
}
