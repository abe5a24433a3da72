using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace MuseWorkbench.Shared;

/// <summary>
/// YAML as JSON nodes, so that one reader and one schema serve both. Only what JSON can say is read: no anchors (a few
/// lines of them can stand for gigabytes), no tags, one document.
/// </summary>
internal static class YamlNodes
{
    private const int MaxDepth = 16;

    /// <exception cref="YamlNodesException">It can't be read.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return null;
            parser.Consume<DocumentStart>();
            var node = ReadNode(parser, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                throw new YamlNodesException("The text holds several documents; one is expected.");
            return node;
        }
        catch (YamlException e)
        {
            throw new YamlNodesException($"This is not YAML: line {e.Start.Line} can't be read.", e);
        }
    }

    public static string Write(JsonNode node) =>
        new SerializerBuilder().WithQuotingNecessaryStrings().WithIndentedSequences().DisableAliases().Build().Serialize(Plain(node)!);

    private static JsonNode? ReadNode(Parser parser, int depth)
    {
        if (depth > MaxDepth)
            throw new YamlNodesException($"Line {parser.Current!.Start.Line} is nested too deep.");
        if (parser.Accept<AnchorAlias>(out var alias))
            throw Refused(alias, "an alias");
        if (parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored)
            throw Refused(anchored, "an anchor");
        if (parser.Current is NodeEvent { Tag.IsEmpty: false } tagged)
            throw Refused(tagged, "a tag");
        if (parser.TryConsume<Scalar>(out var scalar))
            return scalar.Style == ScalarStyle.Plain ? OfPlain(scalar.Value) : JsonValue.Create(scalar.Value);
        return parser.Accept<SequenceStart>(out _) ? ReadSequence(parser, depth) : ReadMapping(parser, depth);
    }

    private static JsonArray ReadSequence(Parser parser, int depth)
    {
        parser.Consume<SequenceStart>();
        var items = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(parser, depth + 1));
        return items;
    }

    private static JsonObject ReadMapping(Parser parser, int depth)
    {
        parser.Consume<MappingStart>();
        var fields = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var name = parser.Consume<Scalar>();
            if (!fields.TryAdd(name.Value, ReadNode(parser, depth + 1)))
                throw new YamlNodesException($"Line {name.Start.Line}: '{name.Value}' stands twice.");
        }
        return fields;
    }

    // YAML 1.2's core schema, less its octal and hexadecimal numbers: "no" is a word.
    private static JsonValue? OfPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject fields => fields.ToDictionary(field => field.Key, field => Plain(field.Value)),
        JsonArray items => items.Select(Plain).ToList(),
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        JsonValue value when value.TryGetValue(out long whole) => whole,
        _ => node.GetValue<double>(),
    };

    private static YamlNodesException Refused(ParsingEvent at, string what) => new($"Line {at.Start.Line} holds {what}, which is not read here.");
}

/// <summary>YAML that can't be read; the message is for whoever wrote it.</summary>
internal sealed class YamlNodesException(string message, Exception? inner = null) : FormatException(message, inner);
