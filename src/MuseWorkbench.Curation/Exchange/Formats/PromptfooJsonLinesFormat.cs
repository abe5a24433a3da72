using System.Collections.Immutable;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>promptfoo's tests as JSON Lines: one a line.</summary>
internal sealed class PromptfooJsonLinesFormat : ICaseFormat
{
    private const string FileName = "tests.jsonl";

    public string Id => "promptfoo-jsonl";
    public string Name => "promptfoo JSONL";
    public string Extension => ".zip";
    public ImmutableArray<string> Keeps => PromptfooTest.Keeps;

    public bool Recognises(IImportFiles files) => JsonLines.Main(files) is { } file && JsonLines.FirstHas(files, file, "vars");

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = JsonLines.Main(files) ?? throw new ImportRefusedException("There is no JSON Lines file (.jsonl) in it, or several.");
        foreach (var (number, line) in ImportText.Lines(files, file))
        {
            await intake.RecordAsync(
                $"{file}, line {number}",
                () => PromptfooTest.ReadAsync(files, file, ImportText.ParseJson(line), null, intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var archive = new ExportArchive(into);
        var lines = new StringBuilder();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            var names = new List<string>();
            for (var i = 0; i < images.Length; i++)
                names.Add(await archive.AddImageAsync("images/", @case.Images[i], images[i], cancellationToken));
            lines.Append(PromptfooTest.Write(@case, names).ToJsonString(CaseJson.Lines)).Append('\n');
        }
        await archive.AddTextAsync(FileName, lines.ToString(), cancellationToken);
    }
}
