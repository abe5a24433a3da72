using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>
/// Finds a structured answer in a text: a JSON object with a known <c>kind</c> and <c>items</c>, alone or after other
/// words, fenced or not. Anything else is plain text. The text is a model's: sizes are bounded, and nothing of it is
/// believed but that it is text and numbers.
/// </summary>
public static class StructuredAnswerReader
{
    private const int MaxLength = 64 * 1024;
    private const int MaxItems = 64;
    private const int MaxText = 400;

    // Braces in the words before the object.
    private const int MaxTries = 8;

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 12, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Null where it is not a structured answer.</summary>
    public static StructuredAnswer? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength || !text.Contains("\"kind\"", StringComparison.Ordinal))
        {
            return null;
        }

        for (int at = text.IndexOf('{', StringComparison.Ordinal), tries = 0; at >= 0 && tries < MaxTries; at = text.IndexOf('{', at + 1), tries++)
        {
            if (TryObject(text, at) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>An answer in few words, for where there is no room for its parts: a structured one's title, else what and how many they are; a plain one as it is.</summary>
    public static string Brief(string answer) => Read(answer) is not { } structured
        ? answer
        : structured.Title ?? (structured.Kind, structured.Items.Length) switch
        {
            (SceneKind.Food, 1) => "1 food",
            (SceneKind.Food, var count) => $"{count} foods",
            (SceneKind.Steps, 1) => "1 step",
            (SceneKind.Steps, var count) => $"{count} steps",
            (_, 1) => "1 value",
            (_, var count) => $"{count} values",
        };

    private static StructuredAnswer? TryObject(string text, int open)
    {
        try
        {
            return ReadObject(text, open);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // prose with a brace, or JSON cut short
        }
    }

    private static StructuredAnswer? ReadObject(string text, int open)
    {
        var bytes = Encoding.UTF8.GetBytes(text[open..]);
        var reader = new Utf8JsonReader(bytes, s_options);
        SceneKind? kind = null;
        string? title = null, summary = null;
        List<(int From, int To)> spans = [];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "kind":
                    kind = KindOf(reader);
                    reader.Skip();
                    break;
                case "title":
                    title = Shown(TextOf(ref reader));
                    break;
                case "summary":
                    summary = Shown(TextOf(ref reader));
                    break;
                case "items" when reader.TokenType == JsonTokenType.StartArray:
                    ReadSpans(ref reader, spans);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var items = spans.Take(MaxItems).Select(span => ItemOf(bytes, span, open)).OfType<AnswerItem>().ToImmutableArray();
        return kind is { } known && !items.IsEmpty ? new StructuredAnswer(known, title, summary, items) : null;
    }

    private static void ReadSpans(ref Utf8JsonReader reader, List<(int From, int To)> spans)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var from = (int)reader.TokenStartIndex;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (isObject)
            {
                spans.Add((from, (int)reader.BytesConsumed));
            }
        }
    }

    private static AnswerItem? ItemOf(byte[] bytes, (int From, int To) span, int offset)
    {
        using var document = JsonDocument.Parse(bytes.AsMemory(span.From, span.To - span.From), new JsonDocumentOptions { MaxDepth = 12, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var item = document.RootElement;
        if (Words(item, "label") is not { } label)
        {
            return null;
        }

        var start = offset + Encoding.UTF8.GetCharCount(bytes, 0, span.From);
        return new AnswerItem(label, start, start + Encoding.UTF8.GetCharCount(bytes, span.From, span.To - span.From))
        {
            Text = Words(item, "text"),
            Score = Number(item, "score") is { } score ? Math.Clamp(score, 0, 10) : null,
            EnergyKcal = Amount(item, "energyKcal"),
            CarbohydrateG = Amount(item, "carbohydrateG"),
            ProteinG = Amount(item, "proteinG"),
            FatG = Amount(item, "fatG"),
            Value = item.TryGetProperty("value", out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? Shown(value.ToString()) : null,
            Unit = Words(item, "unit"),
        };
    }

    private static SceneKind? KindOf(Utf8JsonReader reader) => reader.TokenType != JsonTokenType.String ? null : reader.GetString() switch
    {
        "food" => SceneKind.Food,
        "steps" => SceneKind.Steps,
        "values" => SceneKind.Values,
        _ => null,
    };

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private static string? Words(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Shown(value.GetString()) : null;

    private static double? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static double? Amount(JsonElement item, string name) => Number(item, name) is { } amount and >= 0 and < 1e6 ? amount : null;

    private static string? Shown(string? text) => string.IsNullOrWhiteSpace(text) ? null : Web.Shared.Text.Shorten(text, MaxText);
}
