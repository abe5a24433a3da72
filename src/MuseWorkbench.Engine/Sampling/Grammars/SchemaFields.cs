using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>The keywords of one schema.</summary>
internal sealed class SchemaFields(JsonElement schema, string pointer)
{
    /// <summary>Says nothing about what is valid.</summary>
    private static readonly HashSet<string> s_annotations = new(StringComparer.Ordinal)
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
        "$schema", "$id", "$comment", "$defs", "definitions",
    };

    public string Pointer => pointer;

    public JsonElement? Get(string name) => schema.TryGetProperty(name, out var value) ? value : null;

    public bool Has(string name) => schema.TryGetProperty(name, out _);

    /// <exception cref="SchemaException">There is a keyword that is not one of these.</exception>
    public void AllowOnly(params IReadOnlyCollection<string> names)
    {
        foreach (var field in schema.EnumerateObject())
        {
            if (!names.Contains(field.Name) && !s_annotations.Contains(field.Name))
            {
                throw new SchemaException(pointer, $"the keyword '{(field.Name.Length <= 100 ? field.Name : field.Name[..100] + "…")}' is not supported here.");
            }
        }
    }

    /// <summary>A count of 0 to 2000.</summary>
    public int? Count(string name) => Number(name, 0, 2000) is { } count ? (int)count : null;

    /// <summary>A whole number that a double holds exactly.</summary>
    public long? Whole(string name) => Number(name, -IntegerRange.Largest, IntegerRange.Largest);

    /// <summary>A bound of at most fifteen digits before the point and as many after it.</summary>
    public Bound? Bound(string name, bool excluded)
    {
        if (Get(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && Math.Abs(number) <= IntegerRange.Largest && decimal.Round(number, 15) == number
            ? new Bound(number, excluded)
            : throw Fault(name, "must be a number of at most 15 digits before the point and 15 after it");
    }

    public SchemaException Fault(string name, string reason) => new(pointer, $"'{name}' {reason}.");

    private long? Number(string name, long least, long most)
    {
        if (Get(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number) && number >= least && number <= most
            ? (long)number
            : throw Fault(name, $"must be a whole number from {least} to {most}");
    }
}
