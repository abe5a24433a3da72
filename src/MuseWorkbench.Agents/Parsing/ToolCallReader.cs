using System.Text.Json;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>Reads the JSON between tool-call tags.</summary>
internal static class ToolCallReader
{
    public static ToolCallSegment Read(string body)
    {
        var raw = body.Trim();
        try
        {
            using var json = JsonDocument.Parse(raw);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
                return Unreadable(raw, "The tool call must be a JSON object with a name and arguments.");
            if (!root.TryGetProperty("arguments", out var arguments) && !root.TryGetProperty("parameters", out arguments))
                return new ToolCallSegment(name.GetString()!, "{}");
            // Some models write the arguments as a string that holds JSON.
            var text = arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : arguments.GetRawText();
            return new ToolCallSegment(name.GetString()!, text);
        }
        catch (JsonException)
        {
            return Unreadable(raw, "The tool call is not valid JSON.");
        }
    }

    private static ToolCallSegment Unreadable(string raw, string error) => new("", raw, error);
}
