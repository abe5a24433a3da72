using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Writes the rules of one schema. Every schema gives an expression that can stand in a sequence.</summary>
/// <param name="prefix">What the names of its rules begin with.</param>
/// <param name="root">What references point into.</param>
internal sealed class SchemaCompiler(string prefix, JsonElement root)
{
    private const int MaxRules = 20_000;

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> _references = new(StringComparer.Ordinal);
    private readonly StringBuilder _text = new();
    private int _rules;

    /// <summary>The rules so far.</summary>
    public string Text => _text.ToString();

    public string Compile(JsonElement schema, string pointer, int depth)
    {
        if (depth > SchemaGrammar.MaxDepth)
        {
            throw new SchemaException(pointer, $"schemas may be nested {SchemaGrammar.MaxDepth} deep.");
        }
        switch (schema.ValueKind)
        {
            case JsonValueKind.True: return "value";
            case JsonValueKind.False: throw new SchemaException(pointer, "'false' allows no value.");
            case not JsonValueKind.Object: throw new SchemaException(pointer, "a schema must be an object or true.");
        }
        var fields = new SchemaFields(schema, pointer);
        if (fields.Get("$ref") is { } reference)
        {
            fields.AllowOnly("$ref");
            return Reference(reference, pointer, depth);
        }
        if (fields.Get("const") is { } constant)
        {
            fields.AllowOnly("const", "type");
            return Constant(constant);
        }
        if (fields.Get("enum") is { } choices)
        {
            fields.AllowOnly("enum", "type");
            return choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
                ? $"({string.Join(" | ", choices.EnumerateArray().Select(Constant))})"
                : throw fields.Fault("enum", "must be an array of at least one value");
        }
        foreach (var name in (string[])["anyOf", "oneOf"])
        {
            if (fields.Get(name) is { } options)
            {
                fields.AllowOnly(name);
                return options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0
                    ? $"({string.Join(" | ", options.EnumerateArray().Select((option, i) => Compile(option, $"{pointer}/{name}/{i}", depth + 1)))})"
                    : throw fields.Fault(name, "must be an array of at least one schema");
            }
        }
        if (fields.Get("allOf") is not null)
        {
            return new SchemaObject(this, SchemaMerge.Merge(schema, root, pointer, depth), pointer, depth).Write();
        }
        var types = Types(fields);
        return types.Length == 1 ? OfType(types[0], fields, depth) : $"({string.Join(" | ", types.Select(type => OfType(type, fields, depth)))})";
    }

    /// <summary>Adds a rule; gives its name.</summary>
    public string Rule(string expression)
    {
        var name = $"{prefix}-{NextNumber()}";
        _text.Append(name).Append(" ::= ").Append(expression).Append('\n');
        return name;
    }

    /// <summary>A value as its compact JSON, literally.</summary>
    public static string Constant(JsonElement value) => GrammarText.Literal(JsonSerializer.Serialize(value, s_plain));

    /// <inheritdoc cref="Constant(JsonElement)"/>
    public static string Constant(string value) => GrammarText.Literal(JsonSerializer.Serialize(value, s_plain));

    private static string[] Types(SchemaFields fields)
    {
        string?[] types = fields.Get("type") switch
        {
            { ValueKind: JsonValueKind.String } one => [one.GetString()],
            { ValueKind: JsonValueKind.Array } several when several.GetArrayLength() > 0 =>
                [.. several.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : null)],
            null when fields.Has("properties") || fields.Has("required") || fields.Has("additionalProperties") => ["object"],
            null when fields.Has("items") || fields.Has("prefixItems") => ["array"],
            null when fields.Has("pattern") || fields.Has("format") || fields.Has("minLength") || fields.Has("maxLength") => ["string"],
            null => ["any"],
            _ => [null],
        };
        string[] known = ["object", "array", "string", "number", "integer", "boolean", "null"];
        if (types is not ["any"] && types.FirstOrDefault(t => !known.Contains(t)) is var wrong && types.Any(t => !known.Contains(t)))
        {
            throw fields.Fault("type", $"must be of {string.Join(", ", known)}{(wrong is null ? "" : $", not '{wrong}'")}");
        }
        fields.AllowOnly(["type", .. types.SelectMany(KeywordsOf)]);
        return types!;
    }

    private static string[] KeywordsOf(string? type) => type switch
    {
        "object" => ["properties", "required", "additionalProperties"],
        "array" => ["items", "prefixItems", "minItems", "maxItems"],
        "string" => ["minLength", "maxLength", "pattern", "format"],
        "integer" or "number" => ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
        _ => [],
    };

    private string OfType(string type, SchemaFields fields, int depth) => type switch
    {
        "object" => new SchemaObject(this, ObjectShape.Read(fields), fields.Pointer, depth).Write(),
        "array" => new SchemaArray(this, fields, depth).Write(),
        "string" => SchemaText.Write(fields),
        "integer" => Integer(fields),
        "number" when KeywordsOf(type).Any(fields.Has) => Number(fields),
        "any" => "value",
        _ => type,
    };

    private static string Integer(SchemaFields fields)
    {
        var least = Math.Max(fields.Whole("minimum") ?? -IntegerRange.Largest, fields.Whole("exclusiveMinimum") + 1 ?? -IntegerRange.Largest);
        var most = Math.Min(fields.Whole("maximum") ?? IntegerRange.Largest, fields.Whole("exclusiveMaximum") - 1 ?? IntegerRange.Largest);
        return least <= most ? IntegerRange.Write(least, most) : throw fields.Fault("minimum", "leaves no whole number");
    }

    private static string Number(SchemaFields fields)
    {
        var least = new[] { fields.Bound("minimum", excluded: false), fields.Bound("exclusiveMinimum", excluded: true) }.MaxBy(bound => (bound?.Value, bound?.Excluded));
        var most = new[] { fields.Bound("maximum", excluded: false), fields.Bound("exclusiveMaximum", excluded: true) }.Where(bound => bound is not null).MinBy(bound => (bound!.Value.Value, !bound.Value.Excluded));
        return NumberRange.Write(least ?? new(-IntegerRange.Largest, false), most ?? new(IntegerRange.Largest, false)) ?? throw fields.Fault("minimum", "leaves no number");
    }

    /// <summary>A rule for each place referred to, so that schemas may contain themselves.</summary>
    private string Reference(JsonElement reference, string pointer, int depth)
    {
        var target = SchemaPointer.Resolve(root, reference, pointer, out var schema);
        if (!_references.TryGetValue(target, out var name))
        {
            name = $"{prefix}-{NextNumber()}";
            _references.Add(target, name);
            var expression = Compile(schema, target, depth + 1);
            _text.Append(name).Append(" ::= ").Append(expression).Append('\n');
        }
        return name;
    }

    private int NextNumber() => ++_rules <= MaxRules ? _rules : throw new SchemaException("", $"the schema needs more than {MaxRules} rules.");
}
