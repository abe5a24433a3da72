using System.Collections.Immutable;
using System.Text.Json;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>An object of a record, asked for its fields by what they should be.</summary>
/// <exception cref="MalformedRecordException">From every member: a field is something else.</exception>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _what;

    /// <param name="what">What it is, for messages, such as <c>the line</c>.</param>
    public JsonFields(JsonElement element, string what)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new MalformedRecordException($"An object is expected as {what}; this is {Describe(element)}.");
        (_object, _what) = (element, what);
    }

    public IEnumerable<JsonProperty> All => _object.EnumerateObject();

    /// <summary>The field; null where it is missing or null.</summary>
    public JsonElement? this[string name] =>
        _object.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A text; numbers and truth values as they are written. Null where it is missing.</summary>
    public string? Text(string name) => this[name] is { } value ? ToText(value, name) : null;

    public string? FirstText(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(name) is { } text)
                return text;
        }
        return null;
    }

    /// <summary>Texts of an array; a text by itself is an array of one. Empty where it is missing.</summary>
    public ImmutableArray<string> Texts(string name)
    {
        if (this[name] is not { } value)
            return [];
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => ToText(item, name))] : [ToText(value, name)];
    }

    /// <summary>An array's items; empty where it is missing.</summary>
    public ImmutableArray<JsonElement> Items(string name)
    {
        if (this[name] is not { } value)
            return [];
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Unexpected(name, "a list", value);
    }

    public JsonFields? Object(string name) => this[name] is { } value ? new JsonFields(value, $"'{name}'") : null;

    /// <summary>A whole number; null where it is missing.</summary>
    public int? Whole(string name) =>
        this[name] is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Unexpected(name, "a whole number", value);

    /// <summary>Numbers of an array.</summary>
    public static ImmutableArray<double> Numbers(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new MalformedRecordException($"A list of numbers is expected in '{name}'; this is {Describe(value)}.");
        return [.. value.EnumerateArray().Select(item => Number(item, name))];
    }

    public static double Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new MalformedRecordException($"A number is expected in '{name}'; this is {Describe(value)}.");

    public static string ToText(JsonElement value, string name)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => throw new MalformedRecordException($"A text is expected in '{name}'; this is {Describe(value)}."),
            };
        }
        catch (InvalidOperationException)
        {
            throw new MalformedRecordException($"The text in '{name}' holds half a character.");
        }
    }

    private MalformedRecordException Unexpected(string name, string expected, JsonElement value) =>
        new($"{expected} is expected as '{name}' of {_what}; this is {Describe(value)}.");

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "nothing",
    };
}
