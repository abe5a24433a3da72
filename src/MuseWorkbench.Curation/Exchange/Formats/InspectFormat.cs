using System.Collections.Immutable;
using System.Text;
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
            lines.Append(InspectSample.Write(@case, parts).ToJsonString(CaseJson.Lines)).Append('\n');
        }
        await archive.AddTextAsync(FileName, lines.ToString(), cancellationToken);
    }

    private static Task<Case> ReadCaseAsync(IImportFiles files, string file, string line, CaseIntake intake, CancellationToken cancellationToken)
    {
        var sample = new JsonFields(ImportText.ParseJson(line), "the line");
        foreach (var field in sample.All.Where(f => !InspectSample.Fields.Contains(f.Name)))
            intake.Note($"'{FileNames.Show(field.Name)}' is not kept.");
        return InspectSample.ReadAsync(files, file, sample, intake, cancellationToken);
    }
}
