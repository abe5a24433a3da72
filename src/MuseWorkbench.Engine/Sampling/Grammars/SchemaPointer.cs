using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>References within a schema: <c>#</c> and <c>#/…</c>.</summary>
internal static class SchemaPointer
{
    /// <summary>Gives the pointer referred to and what is there.</summary>
    public static string Resolve(JsonElement root, JsonElement reference, string pointer, out JsonElement schema)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } text || !(text == "#" || text.StartsWith("#/", StringComparison.Ordinal)))
        {
            throw new SchemaException(pointer, "'$ref' must point into the schema itself: '#' or '#/…'.");
        }
        schema = root;
        foreach (var step in text.Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var property))
            {
                schema = property;
            }
            else if (schema.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < schema.GetArrayLength())
            {
                schema = schema[index];
            }
            else
            {
                throw new SchemaException(pointer, $"'$ref' points to '{(text.Length <= 100 ? text : text[..100] + "…")}', where there is nothing.");
            }
        }
        return text[1..];
    }
}
