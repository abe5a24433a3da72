using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;
using MuseWorkbench.Shared;

namespace MuseWorkbench.Agents.Teams;

/// <summary>Reads and writes teams as JSON or YAML, both by one schema (<see cref="TeamSchema"/>).</summary>
public static class TeamText
{
    /// <summary>Longest text that is read, in characters.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The field that names the schema; allowed in a text, not part of the team.</summary>
    public const string SchemaField = "$schema";

    // A misspelt name must not silently mean the default.
    private static readonly JsonSerializerOptions s_strict = new(MuseJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, MaxDepth = 16,
    };

    private static readonly JsonSerializerOptions s_indented = new(MuseJson.Options)
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(TeamSpec team, TeamFormat format)
    {
        var node = JsonSerializer.SerializeToNode(team, MuseJson.Options)!.AsObject();
        if (format == TeamFormat.Yaml)
            return $"# yaml-language-server: $schema={TeamSchema.FileName}\n{YamlNodes.Write(node)}";
        node.Insert(0, SchemaField, TeamSchema.FileName);
        return node.ToJsonString(s_indented) + "\n";
    }

    /// <summary>The team in a text, whichever of the two formats it is in.</summary>
    /// <exception cref="TeamFormatException">It can't be read.</exception>
    public static TeamSpec Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new TeamFormatException($"The text is too long for a team: at most {MaxLength >> 10} thousand characters are read.");
        var node = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{') ? ReadJson(text) : ReadYaml(text);
        if (node is not JsonObject fields)
            throw new TeamFormatException("The text holds no team: a mapping with 'name', 'strategy' and 'agents' is expected.");
        fields.Remove(SchemaField);
        try
        {
            return fields.Deserialize<TeamSpec>(s_strict)!;
        }
        catch (JsonException e)
        {
            throw new TeamFormatException(Explain(e), e);
        }
    }

    private static JsonNode? ReadJson(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 16, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            // A field that stands twice has no line.
            throw new TeamFormatException(e.LineNumber is { } line ? $"This is not JSON: line {line + 1} can't be read." : "A field stands twice in the same place.", e);
        }
    }

    private static JsonNode? ReadYaml(string text)
    {
        try
        {
            return YamlNodes.Read(text);
        }
        catch (YamlNodesException e)
        {
            throw new TeamFormatException(e.Message, e);
        }
    }

    // The reader's own messages name types of this program.
    private static string Explain(JsonException e)
    {
        var place = e.Path is { Length: > 2 } path ? path[2..] : "the team";
        const string Missing = "missing required properties including: ";
        var missing = e.Message.IndexOf(Missing, StringComparison.Ordinal);
        if (missing >= 0)
            return $"{(place == "the team" ? "The team" : place)} lacks {e.Message[(missing + Missing.Length)..].TrimEnd('.')}.";
        const string Unknown = "The JSON property '";
        return e.Message.StartsWith(Unknown, StringComparison.Ordinal) && e.Message.IndexOf('\'', Unknown.Length) is > 0 and var end
            ? $"There is no field '{e.Message[Unknown.Length..end]}' {(place == "the team" || !place.Contains('.', StringComparison.Ordinal) ? "in a team" : $"at {place}")}."
            : $"What stands at {place} is not what is expected there.";
    }
}
