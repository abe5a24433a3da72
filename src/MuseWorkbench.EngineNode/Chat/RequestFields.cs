using System.Globalization;
using System.Text.Json;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>
/// The properties of one JSON object, read with their ranges. A missing property or null gives null; a wrong one gives
/// null too and leaves a fault.
/// </summary>
internal readonly struct RequestFields(JsonElement body, RequestFaults faults, string path = "")
{
    public bool TryGet(string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public double? Number(string name, double min, double max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            faults.AddType(PathOf(name), "a number");
            return null;
        }

        // A literal such as 1e999 reads as infinity, which no range holds.
        if (!value.TryGetDouble(out var number) || !(number >= min && number <= max))
        {
            faults.Add(PathOf(name), string.Create(CultureInfo.InvariantCulture, $"'{PathOf(name)}' must be between {min} and {max}."));
            return null;
        }

        return number;
    }

    public long? Integer(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !TryWhole(value, out var whole))
        {
            faults.AddType(PathOf(name), "a whole number");
            return null;
        }

        if (whole is null || whole < min || whole > max)
        {
            faults.Add(PathOf(name), string.Create(CultureInfo.InvariantCulture, $"'{PathOf(name)}' must be between {min} and {max}."));
            return null;
        }

        return whole;
    }

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        faults.AddType(PathOf(name), "true or false");
        return null;
    }

    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        faults.AddType(PathOf(name), "a string");
        return null;
    }

    /// <summary>Whether the number is whole (5 and 5.0 are); <paramref name="whole"/> is null where it is but does not fit 64 bits.</summary>
    private static bool TryWhole(JsonElement value, out long? whole)
    {
        if (value.TryGetInt64(out var exact))
        {
            whole = exact;
            return true;
        }

        whole = null;
        if (!value.TryGetDouble(out var number) || (double.IsFinite(number) && number != Math.Truncate(number)))
        {
            return false;
        }

        if (Math.Abs(number) <= 1L << 53)
        {
            whole = (long)number;
        }

        return true;
    }
}
