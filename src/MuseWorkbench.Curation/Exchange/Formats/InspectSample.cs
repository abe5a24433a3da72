using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>A case as Inspect's datasets and logs write it: <c>id</c>, <c>input</c>, <c>target</c>, <c>choices</c>, <c>metadata</c>.</summary>
internal static class InspectSample
{
    /// <summary>The fields of a sample a case is read from.</summary>
    public static ImmutableHashSet<string> Fields { get; } = ImmutableHashSet.Create(StringComparer.Ordinal, "input", "target", "choices", "id", "metadata");

    private static readonly HashSet<string> s_metadata = new(["tags", "split", "notes", "regions", "table", "assertions"], StringComparer.Ordinal);

    /// <param name="file">Its name, which the images named in it lie beside.</param>
    public static async Task<Case> ReadAsync(IImportFiles files, string file, JsonFields sample, CaseIntake intake, CancellationToken cancellationToken)
    {
        var question = sample["input"] switch
        {
            null => throw new MalformedRecordException("There is no 'input' in it."),
            { ValueKind: JsonValueKind.Array } turns => await ChatTurns.ReadAsync(files, file, turns, intake, cancellationToken),
            var text => new ChatQuestion(JsonFields.ToText(text.Value, "input"), [], null),
        };
        var choices = sample.Texts("choices");
        var targets = sample.Texts("target");
        var metadata = sample.Object("metadata");
        return new Case
        {
            Id = sample.Text("id") ?? "",
            Prompt = question.Prompt,
            Images = question.Images,
            Choices = choices,
            Expected = targets.IsEmpty ? null : FromLetter(targets[0], choices),
            Regions = CaseJson.ReadRegions(metadata?["regions"]),
            Table = metadata?.Text("table"),
            Assertions = [.. metadata?.Items("assertions") ?? [], .. AnyOf(targets)],
            Tags = metadata is { } more ? [.. more.Texts("tags"), .. RecordTags.Of(more.All, s_metadata, intake)] : [],
            Split = metadata?.Text("split"),
            Notes = metadata?.Text("notes") ?? "",
        };
    }

    /// <param name="parts">The question's content, images first.</param>
    public static JsonObject Write(Case @case, JsonArray parts)
    {
        var metadata = new JsonObject();
        CaseJson.WriteRest(@case, metadata, s_metadata);
        var sample = new JsonObject { ["id"] = @case.Id, ["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = parts }) };
        if (@case.Expected is { } expected)
            sample["target"] = ToLetter(expected, @case.Choices);
        if (!@case.Choices.IsEmpty)
            sample["choices"] = JsonSerializer.SerializeToNode(@case.Choices);
        if (metadata.Count > 0)
            sample["metadata"] = metadata;
        return sample;
    }

    /// <summary>Of several targets any one will do.</summary>
    private static IEnumerable<JsonElement> AnyOf(ImmutableArray<string> targets) => targets.Length > 1
        ? [ImportText.ToElement(new JsonObject { ["type"] = "icontains-any", ["value"] = JsonSerializer.SerializeToNode(targets) })]
        : [];

    private static string FromLetter(string target, ImmutableArray<string> choices) =>
        target is [>= 'A' and <= 'Z' and var letter] && letter - 'A' < choices.Length ? choices[letter - 'A'] : target;

    private static string ToLetter(string expected, ImmutableArray<string> choices) =>
        choices.IndexOf(expected) is >= 0 and < 26 and var at ? ((char)('A' + at)).ToString() : expected;
}
