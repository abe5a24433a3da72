using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Data.Cases;

/// <summary>Cases as rows, and rows as cases.</summary>
internal static class CaseRows
{
    public static StoredCase Write(Guid dataset, Case @case, string hash, int version, long position) => new()
    {
        DatasetId = dataset,
        CaseId = @case.Id,
        First = version,
        Position = position,
        Hash = hash,
        Split = @case.Split,
        Tags = Join(@case.Tags),
        Images = Join(@case.Images.Select(image => image.Sha256)),
        SearchText = RunProjection.Fold(string.Join('\n', [
            @case.Id, @case.Prompt, @case.Expected ?? "", @case.Notes, .. @case.Choices, .. @case.Tags, .. @case.Images.Select(image => image.Name)])),
        Json = JsonSerializer.Serialize(@case, MuseJson.Options),
    };

    /// <exception cref="InvalidDataException">The row is damaged.</exception>
    public static Case Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Case>(json, MuseJson.Options) ?? throw new InvalidDataException("A kept case is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A kept case can't be read.", e);
        }
    }

    public static string[] Split(string joined) => joined.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A word as it stands in a joined column.</summary>
    public static string Entry(string word) => $"\n{word}\n";

    // Words hold no line breaks: they are trimmed and checked before they are kept.
    private static string Join(IEnumerable<string> words) => string.Join('\n', words) is { Length: > 0 } joined ? Entry(joined) : "";
}
