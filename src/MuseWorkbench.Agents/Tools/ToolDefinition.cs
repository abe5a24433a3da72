using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Agents.Tools;

/// <summary>A tool as models are told of it.</summary>
/// <param name="Name">What models call it by: lower-case letters and _.</param>
/// <param name="Description">What it does, for the model.</param>
/// <param name="Parameters">Its arguments.</param>
public sealed record ToolDefinition(string Name, string Description, ImmutableArray<ToolParameter> Parameters)
{
    /// <summary>The arguments' JSON schema.</summary>
    public JsonElement Schema()
    {
        var required = Parameters.Where(parameter => parameter.IsRequired).Select(parameter => (JsonNode)parameter.Name).ToArray();
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)parameter.Schema()))),
            ["required"] = new JsonArray(required),
            ["additionalProperties"] = false,
        };
        return JsonSerializer.SerializeToElement(schema);
    }
}

/// <summary>What an argument may be.</summary>
public enum ToolParameterKind
{
    Text,
    Number,
    WholeNumber,
    Flag,
    /// <summary>One to <see cref="ToolLimits.ListItems"/> texts.</summary>
    TextList,
    /// <summary>Four numbers: left, top, right, bottom, 0 to <see cref="ToolLimits.CoordinateScale"/> of the picture as the agent sees it.</summary>
    Box,
}

/// <summary>One argument of a tool.</summary>
public sealed record ToolParameter(string Name, ToolParameterKind Kind, string Description)
{
    public bool IsRequired { get; init; } = true;

    /// <summary>Least and most of a number.</summary>
    public double Least { get; init; } = double.MinValue;

    /// <inheritdoc cref="Least"/>
    public double Most { get; init; } = double.MaxValue;

    /// <summary>Characters of a text, at most.</summary>
    public int MaxLength { get; init; } = 200;

    internal JsonObject Schema()
    {
        var schema = Kind switch
        {
            ToolParameterKind.Text => new JsonObject { ["type"] = "string" },
            ToolParameterKind.Flag => new JsonObject { ["type"] = "boolean" },
            ToolParameterKind.TextList => new JsonObject
            {
                ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["minItems"] = 1, ["maxItems"] = ToolLimits.ListItems,
            },
            ToolParameterKind.Box => new JsonObject
            {
                ["type"] = "array", ["minItems"] = 4, ["maxItems"] = 4,
                ["items"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = ToolLimits.CoordinateScale },
            },
            _ => Ranged(Kind == ToolParameterKind.WholeNumber ? "integer" : "number"),
        };
        schema["description"] = Description;
        return schema;
    }

    private JsonObject Ranged(string type)
    {
        var schema = new JsonObject { ["type"] = type };
        if (Least > double.MinValue)
            schema["minimum"] = Least;
        if (Most < double.MaxValue)
            schema["maximum"] = Most;
        return schema;
    }
}
