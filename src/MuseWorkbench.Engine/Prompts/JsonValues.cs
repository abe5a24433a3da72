using System.Text.Json;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>JSON as values for a template. None of its text counts as the template's.</summary>
internal static class JsonValues
{
    public static JinjaValue Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new JinjaMap(json.EnumerateObject().Select(p => new KeyValuePair<JinjaValue, JinjaValue>(JinjaString.Untrusted(p.Name), Read(p.Value)))),
        JsonValueKind.Array => new JinjaList([.. json.EnumerateArray().Select(Read)]),
        JsonValueKind.String => JinjaString.Untrusted(json.GetString()!),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? new JinjaInteger(whole) : new JinjaFloat(json.GetDouble()),
        JsonValueKind.True => JinjaBool.True,
        JsonValueKind.False => JinjaBool.False,
        _ => JinjaNone.Value,
    };

    /// <summary>A setting such as <c>high</c>: a single word stands in the template's text as if written there, like a role.</summary>
    public static JinjaValue ReadVariable(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && json.GetString() is { Length: > 0 and <= 32 } text && text.All(char.IsAsciiLetterOrDigit) ? new JinjaString(text) : Read(json);
}
