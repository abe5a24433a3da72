using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Json.Schema;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// The text is JSON, or holds some; where a schema is given (JSON Schema 2020-12 or the draft its <c>$schema</c> names),
/// of that shape. Schemas come with data sets, so what could run without bound in them is refused: regular expressions,
/// references to elsewhere, recursion.
/// </summary>
public sealed record JsonScorer : TextScorer
{
    private const int MaxSchemaLength = 200_000;

    private readonly JsonNode? _value;
    private readonly JsonSchema? _schema;
    private readonly string? _problem;

    /// <summary>The schema; null for any JSON.</summary>
    public JsonNode? Value
    {
        get => _value;
        init
        {
            _value = value;
            (_schema, _problem) = value is null ? (null, null) : Compile(value);
        }
    }

    /// <summary>Whether text may stand around it.</summary>
    [JsonIgnore]
    public bool Inside { get; init; }

    internal override string? FindProblem() => _problem;

    public override Score Score(string text)
    {
        if (_problem is not null)
            return Scoring.Score.Error(_problem);
        List<JsonNode> found = Inside ? [.. JsonIn.All(text)] : JsonIn.Whole(text) is { } whole ? [whole] : [];
        if (found.Count == 0)
            return Scoring.Score.Of(false, Inside ? $"there is no JSON in {Words.Quote(text)}" : $"{Words.Quote(text)} is not JSON");
        if (_schema is null)
            return Scoring.Score.Of(true, "is JSON");
        string? first = null;
        foreach (var node in found)
        {
            var results = _schema.Evaluate(JsonSerializer.SerializeToElement(node), new EvaluationOptions { OutputFormat = OutputFormat.List });
            if (results.IsValid)
                return Scoring.Score.Of(true, "is JSON of the schema's shape");
            first ??= Explain(results);
        }
        return Scoring.Score.Of(false, first!);
    }

    private static string Explain(EvaluationResults results)
    {
        var error = results.Details?.FirstOrDefault(detail => detail.Errors is { Count: > 0 });
        var place = error?.InstanceLocation.ToString() is { Length: > 0 } path ? path : "the whole";
        return error is null ? "is JSON of another shape" : $"{Words.Quote(place)}: {error.Errors!.First().Value}";
    }

    private static (JsonSchema?, string?) Compile(JsonNode value)
    {
        var text = value.ToJsonString();
        if (text.Length > MaxSchemaLength)
            return (null, $"The schema is longer than {MaxSchemaLength:N0} characters.");
        if (value is not JsonObject && value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
            return (null, "A schema is an object.");
        if (new SchemaCheck(value).Refusal is { } refused)
            return (null, refused);
        try
        {
            // Its own registry: a schema that names itself must not meet another data set's of that name.
            return (JsonSchema.FromText(text, new BuildOptions { SchemaRegistry = new SchemaRegistry() }), null);
        }
        catch (Exception e) when (e is JsonSchemaException or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return (null, $"The schema can't be read: {e.Message}");
        }
    }
}
