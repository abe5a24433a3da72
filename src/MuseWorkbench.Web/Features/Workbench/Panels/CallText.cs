using System.Text.Json;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A tool call's arguments for the eye.</summary>
internal static class CallText
{
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
                ? properties[0].Value.ToString()
                : string.Join(", ", properties.Select(property => $"{property.Name} {property.Value}"));
        }
        catch (JsonException)
        {
            return json;
        }
    }
}
