using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Strings: lengths, a pattern, or a format.</summary>
internal static class SchemaText
{
    private const string Date = """[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])""";
    private const string Time = """([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,9})? ("Z" | [+-] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])""";
    private const string Uuid = """[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}""";

    public static string Write(SchemaFields fields)
    {
        var (least, most) = (fields.Count("minLength"), fields.Count("maxLength"));
        if (fields.Has("pattern") && fields.Has("format") || (least ?? most) is not null && (fields.Has("pattern") || fields.Has("format")))
        {
            throw fields.Fault(fields.Has("pattern") ? "pattern" : "format", "can't be combined with other limits of a string");
        }
        if (fields.Get("pattern") is { } pattern)
        {
            return Quote(Pattern(fields, pattern));
        }
        if (fields.Get("format") is { } format)
        {
            return Quote((format.ValueKind == JsonValueKind.String ? format.GetString() : null) switch
            {
                "date" => Date,
                "time" => Time,
                "date-time" => $"{Date} \"T\" {Time}",
                "uuid" => Uuid,
                _ => throw fields.Fault("format", "must be date, time, date-time or uuid"),
            });
        }
        if ((least ?? most) is null)
        {
            return "string";
        }
        return least > most ? throw fields.Fault("minLength", "is more than 'maxLength'") : Quote($"char{{{least ?? 0},{most}}}");
    }

    private static string Pattern(SchemaFields fields, JsonElement pattern)
    {
        try
        {
            return pattern.ValueKind == JsonValueKind.String ? PatternGrammar.Write(pattern.GetString()!) : throw new FormatException("it must be a string");
        }
        catch (FormatException exception)
        {
            throw fields.Fault("pattern", $"is not supported: {exception.Message}");
        }
    }

    private static string Quote(string content) => $"(\"\\\"\" {content} \"\\\"\")";
}
