using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// OpenAI chat messages, JSON Lines, as for fine-tuning: a user's message with its pictures as data URLs, and the
/// assistant's as the expected answer. <c>ideal</c>, as evals have it, is read as one too.
/// </summary>
internal sealed class OpenAIChatFormat : ICaseFormat
{
    public string Id => "openai-chat";
    public string Name => "OpenAI chat JSONL";
    public string Extension => ".jsonl";
    public ImmutableArray<string> Keeps => ["prompt", "images", "expected"];

    public bool Recognises(IImportFiles files) => JsonLines.Main(files) is { } file && JsonLines.FirstHas(files, file, "messages");

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = JsonLines.Main(files) ?? throw new ImportRefusedException("There is no JSON Lines file (.jsonl) in it, or several.");
        foreach (var (number, line) in ImportText.Lines(files, file))
            await intake.RecordAsync($"{file}, line {number}", () => ReadCaseAsync(files, file, line, intake, cancellationToken), cancellationToken);
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(into, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
            await writer.WriteLineAsync(WriteLine(@case, images).ToJsonString(CaseJson.Lines).AsMemory(), cancellationToken);
    }

    private static async Task<Case> ReadCaseAsync(IImportFiles files, string file, string line, CaseIntake intake, CancellationToken cancellationToken)
    {
        var record = new JsonFields(ImportText.ParseJson(line), "the line");
        foreach (var field in record.All.Where(f => f.Name is not ("messages" or "ideal")))
            intake.Note($"'{FileNames.Show(field.Name)}' is not kept.");
        var question = await ChatTurns.ReadAsync(files, file, record["messages"], intake, cancellationToken);
        return new Case { Id = "", Prompt = question.Prompt, Images = question.Images, Expected = record.Texts("ideal").FirstOrDefault() ?? question.Answer };
    }

    private static JsonObject WriteLine(Case @case, ImmutableArray<ReadOnlyMemory<byte>> images)
    {
        var content = new JsonArray();
        if (@case.Prompt.Length > 0)
            content.Add(new JsonObject { ["type"] = "text", ["text"] = @case.Prompt });
        for (var i = 0; i < images.Length; i++)
            content.Add(new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = ImageReference.ToDataUrl(@case.Images[i], images[i]) } });
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content });
        if (@case.Expected is { } expected)
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = expected });
        return new JsonObject { ["messages"] = messages };
    }
}
