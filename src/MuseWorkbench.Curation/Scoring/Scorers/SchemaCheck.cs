using System.Text.Json.Nodes;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>Finds what could run without bound in a JSON schema, following references as an evaluation would.</summary>
internal sealed class SchemaCheck
{
    // Few lines of references to references can stand for millions of steps.
    private const int MaxSteps = 20_000;
    // A chain of thousands would not end, but use up the stack.
    private const int MaxOpen = 32;

    private static readonly string[] s_values = ["enum", "const", "default", "examples"];
    private readonly HashSet<string> _open = [];
    private readonly JsonNode _root;
    private int _steps;

    public SchemaCheck(JsonNode schema)
    {
        _root = schema;
        Refusal = Find(schema);
    }

    /// <summary>Why the schema is not run, in words for whoever wrote it; null where it is.</summary>
    public string? Refusal { get; }

    private string? Find(JsonNode? node)
    {
        if (++_steps > MaxSteps)
            return "The schema is too large once its references are followed.";
        return node switch
        {
            JsonArray items => items.Select(Find).FirstOrDefault(refusal => refusal is not null),
            JsonObject fields => fields.Where(field => !s_values.Contains(field.Key)).Select(field => OfField(fields, field.Key, field.Value)).FirstOrDefault(refusal => refusal is not null),
            _ => null,
        };
    }

    // A property of the instance may be called like a keyword; it is then described by a schema, not by a text.
    private string? OfField(JsonObject schema, string name, JsonNode? child) => (name, child) switch
    {
        ("patternProperties", _) or ("pattern", JsonValue) => $"The schema uses '{name}', which is not run; a 'regex' assertion is.",
        ("$dynamicRef" or "$recursiveRef", JsonValue) => $"The schema uses '{name}', which is not followed.",
        ("$id", JsonValue) when schema != _root => "The schema holds another with an '$id' of its own; that is not followed.",
        ("$ref", JsonValue target) => Follow(target.ToString()),
        _ => Find(child),
    };

    private string? Follow(string target)
    {
        if (!target.StartsWith('#'))
            return "The schema refers to another one; only '#/…' is followed.";
        if (!_open.Add(target))
            return "The schema refers to itself.";
        if (_open.Count > MaxOpen)
            return "The schema's references lead too deep.";
        var refusal = At(target) is { } found ? Find(found) : $"The schema has nothing at {Words.Quote(target)}.";
        _open.Remove(target);
        return refusal;
    }

    private JsonNode? At(string pointer)
    {
        if (pointer == "#")
            return _root;
        if (!pointer.StartsWith("#/", StringComparison.Ordinal))
            return null;
        var node = (JsonNode?)_root;
        foreach (var part in pointer[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject fields => fields[name],
                JsonArray items when int.TryParse(name, out var i) && i >= 0 && i < items.Count => items[i],
                _ => null,
            };
        }
        return node;
    }
}
