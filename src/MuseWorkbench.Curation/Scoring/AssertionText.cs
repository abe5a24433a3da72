using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;
using MuseWorkbench.Shared;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>Assertions' text can't be read; the message is for whoever wrote it.</summary>
public sealed class AssertionFormatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Reads and writes assertions as YAML or JSON in promptfoo's shape: a list of mappings with <c>type</c> (a kind's name, with
/// <c>not-</c> before it where it must not hold), <c>value</c>, <c>threshold</c>, <c>weight</c>, <c>metric</c>; and, beyond
/// promptfoo, <c>channel</c>, <c>agent</c> and the kind's own settings beside them.
/// </summary>
public static class AssertionText
{
    /// <summary>Longest text that is read, in characters, and most assertions of a case.</summary>
    public const int MaxLength = 1 << 20, MaxAssertions = 200;

    private const string Negation = "not-";
    private static readonly JsonSerializerOptions s_indented = new(MuseJson.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The assertions in a text: a list, or a mapping with the list under <c>assert</c>.</summary>
    /// <exception cref="AssertionFormatException">Something in it can't be read.</exception>
    public static ImmutableArray<Assertion> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
            throw new AssertionFormatException($"The text is too long: at most {MaxLength >> 10} thousand characters are read.");
        var node = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n') is ['{' or '[', ..] ? ReadBracketed(text) : ReadYaml(text);
        return Read(node is JsonObject fields && fields.Count == 1 && fields.TryGetPropertyValue("assert", out var list) ? list : node);
    }

    /// <summary>The assertions in a list that was read as part of something else.</summary>
    /// <exception cref="AssertionFormatException">Something in it can't be read.</exception>
    public static ImmutableArray<Assertion> Read(JsonNode? node) => node switch
    {
        null => [],
        JsonArray { Count: > MaxAssertions } => throw new AssertionFormatException($"There are more than {MaxAssertions} assertions."),
        JsonArray items => [.. items.Select((item, i) => ReadOne(item, $"assert[{i}]"))],
        _ => throw new AssertionFormatException("A list of assertions is expected, each with a 'type'."),
    };

    /// <summary>Assertions as YAML.</summary>
    // The YAML writer knows values as they are read, not as they are made.
    public static string WriteYaml(IEnumerable<Assertion> assertions) => YamlNodes.Write(JsonNode.Parse(ToNode(assertions).ToJsonString())!);

    /// <summary>Assertions as JSON.</summary>
    public static string WriteJson(IEnumerable<Assertion> assertions) => ToNode(assertions).ToJsonString(s_indented) + "\n";

    /// <summary>Assertions as a list that becomes part of something else.</summary>
    public static JsonArray ToNode(IEnumerable<Assertion> assertions)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        return [.. assertions.Select(JsonNode? (assertion) => ToNode(assertion))];
    }

    private static JsonObject ToNode(Assertion assertion)
    {
        var fields = new JsonObject { ["type"] = (assertion.Not ? Negation : "") + assertion.Type };
        foreach (var (name, value) in ScorerKind.Write(assertion.Scorer).ToList())
            fields[name] = value?.DeepClone();
        if (assertion.Threshold is { } threshold)
            fields["threshold"] = threshold;
        if (assertion.Weight != 1)
            fields["weight"] = assertion.Weight;
        if (assertion.Metric is { } metric)
            fields["metric"] = metric;
        if (assertion.Channel is { } channel)
            fields["channel"] = JsonSerializer.SerializeToNode(channel, MuseJson.Options);
        if (assertion.Agent is { } agent)
            fields["agent"] = agent;
        return fields;
    }

    // YAML's own lists and mappings may begin with a bracket too. What is neither is more likely broken JSON.
    private static JsonNode? ReadBracketed(string text)
    {
        try
        {
            return ReadJson(text);
        }
        catch (AssertionFormatException)
        {
            try
            {
                return ReadYaml(text);
            }
            catch (AssertionFormatException)
            {
            }
            throw;
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
            throw new AssertionFormatException(e.Message, e);
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
            throw new AssertionFormatException(e.LineNumber is { } line ? $"This is not JSON: line {line + 1} can't be read." : "A field stands twice in the same place.", e);
        }
    }

    private static Assertion ReadOne(JsonNode? node, string place)
    {
        if (node is not JsonObject given)
            throw new AssertionFormatException($"{place} is not an assertion: a mapping with a 'type' is expected.");
        var fields = new FieldReader(given, place);
        var type = fields.Text("type") ?? throw new AssertionFormatException($"{place} has no 'type'.");
        var not = type.StartsWith(Negation, StringComparison.Ordinal);
        var name = not ? type[Negation.Length..] : type;
        var kind = ScorerCatalogue.Find(name) ?? throw new AssertionFormatException(
            $"{place}: there is no assertion of type {Words.Quote(type)}.{(ScorerCatalogue.Nearest(name) is { } near ? $" Is '{(not ? Negation : "")}{near}' meant?" : "")}");
        place = $"{place} ({type})";
        fields = new FieldReader(given, place);
        var assertion = new Assertion
        {
            Type = name, Not = not,
            Weight = fields.Number("weight", 0, Assertion.MaxWeight) ?? 1,
            Threshold = kind.OwnsThreshold ? null : fields.Number("threshold", 0, 1),
            Metric = fields.Text("metric"),
            Channel = fields.Text("channel") is { } channel ? ReadChannel(channel, place) : null,
            Agent = fields.Number("agent", 0, int.MaxValue) is { } agent
                ? agent == Math.Floor(agent) ? (int)agent : throw new AssertionFormatException($"{place}: 'agent' is a whole number, from 0.")
                : null,
            Scorer = ReadScorer(kind, given, place),
        };
        Check(assertion, place);
        return assertion;
    }

    private static Scorer ReadScorer(ScorerKind kind, JsonObject given, string place)
    {
        string[] common = ["type", "weight", "metric", "channel", "agent"];
        var settings = new JsonObject();
        foreach (var (name, value) in given)
        {
            if (!common.Contains(name) && (name != "threshold" || kind.OwnsThreshold))
                settings[name] = value?.DeepClone();
        }
        try
        {
            var scorer = kind.Read(settings);
            return scorer.FindProblem() is { } problem ? throw new AssertionFormatException($"{place}: {problem}") : scorer;
        }
        catch (JsonException e)
        {
            throw new AssertionFormatException($"{place}: {Explain(e)}", e);
        }
    }

    private static void Check(Assertion assertion, string place)
    {
        var channel = assertion.Channel ?? assertion.Scorer.Channels[0];
        if (!assertion.Scorer.Channels.Contains(channel))
            throw new AssertionFormatException($"{place} can't look at the channel '{Name(channel)}', only at {string.Join(", ", assertion.Scorer.Channels.Select(c => $"'{Name(c)}'"))}.");
        if (channel is ScoreChannel.Answer or ScoreChannel.Reasoning && assertion.Agent is null)
            throw new AssertionFormatException($"{place}: the channel '{Name(channel)}' is one agent's: 'agent' says whose, by its index from 0.");
        if (channel is ScoreChannel.Final or ScoreChannel.Run && assertion.Agent is not null)
            throw new AssertionFormatException($"{place}: the channel '{Name(channel)}' belongs to the run, not to an agent; for an agent's answer say 'channel: answer'.");
    }

    private static ScoreChannel ReadChannel(string name, string place) =>
        Enum.GetValues<ScoreChannel>().Where(channel => Name(channel) == name).Select(channel => (ScoreChannel?)channel).FirstOrDefault()
        ?? throw new AssertionFormatException($"{place}: there is no channel {Words.Quote(name)}; there are {string.Join(", ", Enum.GetValues<ScoreChannel>().Select(Name))}.");

    private static string Name(ScoreChannel channel) => JsonNamingPolicy.CamelCase.ConvertName(channel.ToString());

    // The reader's own messages name types of this program.
    private static string Explain(JsonException e)
    {
        const string Missing = "missing required properties including: ";
        if (e.Message.IndexOf(Missing, StringComparison.Ordinal) is >= 0 and var missing)
            return $"it lacks {e.Message[(missing + Missing.Length)..].TrimEnd('.')}.";
        if (e is UnknownSettingException unknown)
            return $"it has no setting '{unknown.Name}'.";
        return e.Path is { Length: > 2 } path ? $"what stands at '{path[2..]}' is not what is expected there." : "its settings can't be read.";
    }

    private readonly struct FieldReader(JsonObject fields, string place)
    {
        public string? Text(string name) => fields[name] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) && text.Length > 0 => text,
            _ => throw new AssertionFormatException($"{place}: '{name}' is a text."),
        };

        public double? Number(string name, double least, double most) => fields[name] switch
        {
            null => null,
            JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetDouble() is { } number && number >= least && number <= most => number,
            _ => throw new AssertionFormatException($"{place}: '{name}' is a number {(most == int.MaxValue ? $"from {Words.Number(least)}" : $"from {Words.Number(least)} to {Words.Number(most)}")}."),
        };
    }
}

file static class JsonValues
{
    // A value made in code holds an int or a double; one that was read holds either as text.
    public static double? TryGetDouble(this JsonValue value) =>
        value.TryGetValue(out double number) ? number : value.TryGetValue(out long whole) ? whole : value.TryGetValue(out int small) ? small : null;
}
