using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>Finds JSON in what a model wrote, with prose or a fence around it.</summary>
internal static class JsonIn
{
    private const int MaxLength = 1_000_000;
    // Each start may read to the end of the text.
    private const int MaxStarts = 100;
    private const int MaxDepth = 64;

    /// <summary>The whole text as one value; null where it is none. "null" is none either.</summary>
    public static JsonNode? Whole(string text)
    {
        try
        {
            return text.Length > MaxLength ? null : JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The objects and arrays that stand in a text, outermost only, in order.</summary>
    public static IEnumerable<JsonNode> All(string text)
    {
        if (text.Length > MaxLength)
            yield break;
        var bytes = Encoding.UTF8.GetBytes(text);
        var starts = 0;
        for (var at = 0; at < bytes.Length && starts < MaxStarts; at++)
        {
            if (bytes[at] is not ((byte)'{' or (byte)'['))
                continue;
            starts++;
            var (node, length) = ReadAt(bytes, at);
            if (node is null)
                continue;
            yield return node;
            at += length - 1;
        }
    }

    private static (JsonNode? Node, int Length) ReadAt(byte[] bytes, int at)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(at), new JsonReaderOptions { MaxDepth = MaxDepth, AllowMultipleValues = true });
            var node = JsonNode.Parse(ref reader);
            // Nodes are parsed lazily; a field that stands twice only shows when it is looked at.
            if (node is JsonObject fields)
                _ = fields.Count;
            return (node, (int)reader.BytesConsumed);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return (null, 0);
        }
    }
}
