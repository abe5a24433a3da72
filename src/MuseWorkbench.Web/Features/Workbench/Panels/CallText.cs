using System.Text.Encodings.Web;
using System.Text.Json;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A tool call's arguments for the eye.</summary>
internal static class CallText
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"expression":"95+105"}</c> reads <c>95+105</c>; several read <c>x 1, y 2</c>; what is no JSON object stays as it is.</summary>
    public static string Arguments(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return json;
            }

            var properties = document.RootElement.EnumerateObject().ToArray();
            return properties.Length == 1
                ? Show(properties[0].Value)
                : string.Join(", ", properties.Select(property => $"{property.Name} {Show(property.Value)}"));
        }
        catch (JsonException)
        {
            return json;
        }
    }

    // Lists and objects on one line, however the model laid them out.
    private static string Show(JsonElement value) =>
        value.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? JsonSerializer.Serialize(value, s_plain) : value.ToString();
}
