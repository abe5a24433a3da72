using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Teams;

/// <summary>The JSON schema of a team, made from the types that are read and the ranges that are checked.</summary>
public static class TeamSchema
{
    /// <summary>Its file name, in the documentation and below <c>/schemas/</c>.</summary>
    public const string FileName = "team.schema.json";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text.</summary>
    public static string Write(StrategyCatalogue strategies)
    {
        ArgumentNullException.ThrowIfNull(strategies);
        var schema = MuseJson.Options.GetJsonSchemaAsNode(typeof(TeamSpec), new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform,
        }).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Muse Workbench team");
        var fields = schema["properties"]!.AsObject();
        fields["strategy"]!["enum"] = new JsonArray([.. strategies.All.Select(s => (JsonNode)s.Name)]);
        // A lead answers as its strategy reads it.
        fields["lead"]!["properties"]!.AsObject().Remove("answer");
        fields.Insert(0, TeamText.SchemaField, new JsonObject { ["type"] = "string" });
        return schema.ToJsonString(s_indented) + "\n";
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
            return node;
        if (context.TypeInfo.Kind == System.Text.Json.Serialization.Metadata.JsonTypeInfoKind.Object)
            schema["additionalProperties"] = false;
        // Numbers may also be read from strings; a schema is for those who write.
        if (schema["type"] is JsonArray types && types.Any(t => t!.GetValue<string>() is "integer" or "number"))
        {
            foreach (var text in types.Where(t => t!.GetValue<string>() == "string").ToArray())
                types.Remove(text);
            schema.Remove("pattern");
            if (types.Count == 1)
                schema["type"] = types[0]!.GetValue<string>();
        }
        if (context.PropertyInfo is { } property)
            Describe(schema, property.DeclaringType, property.Name);
        return schema;
    }

    private static void Describe(JsonObject schema, Type owner, string name)
    {
        if (owner == typeof(StrategyOptions) && StrategyOptionList.All.FirstOrDefault(o => o.Name == name) is { } option)
        {
            schema["description"] = option.Hint;
            if (option.Choices.IsEmpty)
                Range(schema, option.Least, option.Most);
        }
        else if (s_ranges.TryGetValue((owner, name), out var range))
        {
            Range(schema, range.Least, range.Most);
        }
        else if (owner == typeof(TeamSpec) && name == "agents")
        {
            (schema["minItems"], schema["maxItems"]) = (TeamSpec.MinAgents, TeamSpec.MaxAgents);
        }
        else if (owner == typeof(AgentSpec) && name == "tools" && !schema.ContainsKey("$ref"))
        {
            schema["uniqueItems"] = true;
            schema["items"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. ToolNames.All.Select(tool => (JsonNode)tool)]) };
            schema["description"] = "The tools it may call, and no others; calculator where left out.";
        }
        else if (owner == typeof(AgentSpec) && name == "answer" && !schema.ContainsKey("$ref"))
        {
            schema["description"] = "The form of its answer, instead of tools: food, steps or values, shown on the image.";
        }
        else if (owner == typeof(NormalizedBox))
        {
            Range(schema, 0, 1);
        }
        else if (name is "name" or "role")
        {
            schema["maxLength"] = name == "name" ? TeamRules.MaxNameLength : TeamRules.MaxRoleLength;
        }
    }

    private static readonly ImmutableDictionary<(Type, string), (double Least, double Most)> s_ranges =
        new Dictionary<(Type, string), (double, double)>
        {
            [(typeof(AgentSpec), "maxTokens")] = (1, TeamRules.MaxTokens),
            [(typeof(ViewSpec), "scale")] = (ViewFrame.MinScale, ViewFrame.MaxEnlargement),
            [(typeof(SamplingSpec), "temperature")] = (0, 2),
            [(typeof(SamplingSpec), "topP")] = (0, 1),
            [(typeof(SamplingSpec), "minP")] = (0, 1),
            [(typeof(SamplingSpec), "topK")] = (0, int.MaxValue),
            [(typeof(SamplingSpec), "seed")] = (0, uint.MaxValue),
        }.ToImmutableDictionary();

    private static void Range(JsonObject schema, double least, double most) => (schema["minimum"], schema["maximum"]) = (least, most);
}
