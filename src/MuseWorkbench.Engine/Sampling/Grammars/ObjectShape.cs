using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>What a schema says of an object.</summary>
/// <param name="Properties">In order, with the pointer of each one's schema.</param>
/// <param name="Required">Names that must come.</param>
/// <param name="Additional">The schema of properties that are not named; null where nothing is said.</param>
internal sealed record ObjectShape(
    IReadOnlyList<(string Name, JsonElement Schema, string Pointer)> Properties, IReadOnlySet<string> Required, JsonElement? Additional)
{
    public static ObjectShape Read(SchemaFields fields)
    {
        var properties = new List<(string, JsonElement, string)>();
        if (fields.Get("properties") is { } named)
        {
            if (named.ValueKind != JsonValueKind.Object)
            {
                throw fields.Fault("properties", "must be an object of schemas");
            }
            properties.AddRange(named.EnumerateObject().Select(p => (p.Name, p.Value, $"{fields.Pointer}/properties/{p.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}")));
        }
        var required = new HashSet<string>(StringComparer.Ordinal);
        if (fields.Get("required") is { } names)
        {
            if (names.ValueKind != JsonValueKind.Array || names.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String))
            {
                throw fields.Fault("required", "must be an array of names");
            }
            required.UnionWith(names.EnumerateArray().Select(n => n.GetString()!));
        }
        return new(properties, required, fields.Get("additionalProperties"));
    }
}
