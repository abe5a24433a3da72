using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Inspect's dataset, JSON Lines: <c>input</c>, <c>target</c>, <c>choices</c>, <c>id</c>, <c>metadata</c>. A target that is
/// one of the choices is a letter there and the choice's text here.
/// </summary>
internal sealed class InspectFormat : ICaseFormat
{
    private const string FileName = "dataset.jsonl";

    private static readonly HashSet<string> s_metadata = new(["tags", "split", "notes", "regions", "table", "assertions"], StringComparer.Ordinal);

    public string Id => "inspect-jsonl";
    public string Name => "Inspect dataset JSONL";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => ["id", "prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    public bool Recognises(IImportFiles files) => JsonLines.Main(files) is { } file && JsonLines.FirstHas(files, file, "input");

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = JsonLines.Main(files) ?? throw new ImportRefusedException("There is no JSON Lines file (.jsonl) in it, or several.");
        foreach (var (number, line) in ImportText.Lines(files, file))
            await intake.RecordAsync($"{file}, line {number}", () => ReadCaseAsync(files, file, line, intake, cancellationToken), cancellationToken);
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var lines = new StringBuilder();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            var parts = new JsonArray();
            for (var i = 0; i < images.Length; i++)
                parts.Add(new JsonObject { ["type"] = "image", ["image"] = await archive.AddImageAsync("images/", @case.Images[i], images[i], cancellationToken) });
            parts.Add(new JsonObject { ["type"] = "text", ["text"] = @case.Prompt });
            lines.Append(WriteLine(@case, parts).ToJsonString(CaseJson.Lines)).Append('\n');
        }
        await archive.AddTextAsync(FileName, lines.ToString(), cancellationToken);
    }

    private static async Task<Case> ReadCaseAsync(IImportFiles files, string file, string line, CaseIntake intake, CancellationToken cancellationToken)
    {
        var sample = new JsonFields(ImportText.ParseJson(line), "the line");
        foreach (var field in sample.All.Where(f => f.Name is not ("input" or "target" or "choices" or "id" or "metadata")))
            intake.Note($"'{FileNames.Show(field.Name)}' is not kept.");
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

    private static JsonObject WriteLine(Case @case, JsonArray parts)
    {
        var metadata = new JsonObject();
        CaseJson.WriteRest(@case, metadata, s_metadata);
        var line = new JsonObject { ["id"] = @case.Id, ["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = parts }) };
        if (@case.Expected is { } expected)
            line["target"] = ToLetter(expected, @case.Choices);
        if (!@case.Choices.IsEmpty)
            line["choices"] = JsonSerializer.SerializeToNode(@case.Choices);
        if (metadata.Count > 0)
            line["metadata"] = metadata;
        return line;
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
