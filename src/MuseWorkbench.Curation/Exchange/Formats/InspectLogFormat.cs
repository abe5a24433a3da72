using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Inspect's logs: <c>.eval</c>, a ZIP with a file for each sample, or the same as one JSON file. Questions and what is expected
/// are read; of several epochs of a sample the first. The ZIP may be deflated or, as newer versions of Inspect write it, packed by Zstandard.
/// </summary>
internal sealed class InspectLogFormat : ICaseFormat
{
    /// <summary>What a reference to an attachment begins with.</summary>
    public const string Attachment = "attachment://";

    // Events hold whole requests.
    private const int MaxDepth = 128;

    private const string Header = "header.json", Samples = "samples/";

    // What a dataset alone can't know: no evaluation took place.
    private static readonly DateTimeOffset s_never = DateTimeOffset.UnixEpoch;

    public string Id => "inspect-eval";
    public string Name => "Inspect log (.eval)";
    public string Extension => ".eval";
    public ImmutableArray<string> Keeps => ["id", "prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    public bool Recognises(IImportFiles files) =>
        (files.Contains(Header) && files.Names.Any(name => name.StartsWith(Samples, StringComparison.Ordinal)))
        || (JsonFiles.Main(files) is { } file && JsonFiles.BeginsWith(files, file, "eval"));

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        if (files.Contains(Header))
        {
            foreach (var file in files.Names.Where(name => name.StartsWith(Samples, StringComparison.Ordinal) && FileNames.HasExtension(name, ".json")))
            {
                if (file.EndsWith("/sample.json", StringComparison.Ordinal))
                    throw new ImportRefusedException("Its samples are written in pieces, which is not read: 'inspect log dump' writes them as one JSON file.");
                await SampleAsync(file, file, await ImportText.ReadJsonAsync(files, file, cancellationToken, MaxDepth));
            }
            return;
        }
        var whole = JsonFiles.Main(files) ?? throw new ImportRefusedException("There is neither a log's 'header.json' in it nor a log as JSON.");
        foreach (var (at, sample) in Parts(await ImportText.ReadJsonAsync(files, whole, cancellationToken, MaxDepth)).Index())
            await SampleAsync($"{whole}, sample {at + 1}", whole, sample);

        async Task SampleAsync(string place, string file, JsonElement sample)
        {
            if (sample.ValueKind == JsonValueKind.Object && sample.TryGetProperty("id", out var id) && !read.Add(id.ToString()))
                intake.Note("Further epochs of a sample are not kept.");
            else
                await intake.RecordAsync(place, () => ReadSampleAsync(files, file, new JsonFields(sample, "the sample"), intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        await using var log = new InspectLogArchive(into);
        var ids = new JsonArray();
        await foreach (var (@case, images) in outlet.ReadAsync(cancellationToken))
        {
            ids.Add(@case.Id);
            await log.AddAsync(InspectLogArchive.Sample(@case, images, epoch: 1), cancellationToken);
        }
        await log.FinishAsync(HeaderOf("cases", "none", s_never, ids, epochs: 1, status: "success"), cancellationToken);
    }

    /// <summary>A log's header without results.</summary>
    /// <param name="task">What was asked.</param>
    /// <param name="model">Who was asked.</param>
    /// <param name="ids">Of the samples.</param>
    internal static JsonObject HeaderOf(string task, string model, DateTimeOffset created, JsonArray ids, int epochs, string status) => new()
    {
        ["version"] = 2,
        ["status"] = status,
        ["eval"] = new JsonObject
        {
            ["created"] = Time(created),
            ["task"] = task,
            ["dataset"] = new JsonObject { ["name"] = task, ["samples"] = ids.Count, ["sample_ids"] = ids },
            ["model"] = model,
            ["config"] = new JsonObject { ["epochs"] = epochs },
        },
        ["plan"] = new JsonObject { ["name"] = "plan", ["steps"] = new JsonArray(), ["config"] = new JsonObject() },
        ["stats"] = new JsonObject { ["started_at"] = Time(created), ["completed_at"] = "", ["model_usage"] = new JsonObject() },
    };

    internal static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    private static ImmutableArray<JsonElement> Parts(JsonElement log)
    {
        try
        {
            return new JsonFields(log, "the log").Items("samples");
        }
        catch (MalformedRecordException e)
        {
            throw new ImportRefusedException(e.Message, e);
        }
    }

    private static Task<Case> ReadSampleAsync(IImportFiles files, string file, JsonFields sample, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (sample.All.Any(field => field.Name is "messages" or "output" or "scores" or "events"))
            intake.Note("Answers, scores and events are not kept.");
        var input = sample["input"] is { } said ? JsonNode.Parse(said.GetRawText()) : null;
        if (input is not null && sample.Object("attachments") is { } attachments)
            input = Resolve(input, attachments);
        var plain = new JsonObject { ["input"] = input };
        foreach (var field in sample.All.Where(field => field.Name != "input" && InspectSample.Fields.Contains(field.Name)))
            plain[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        // An empty target is none.
        if (plain["target"] is JsonValue target && target.TryGetValue<string>(out var text) && text.Length == 0)
            plain.Remove("target");
        try
        {
            return InspectSample.ReadAsync(files, file, new JsonFields(ImportText.ToElement(plain), "the sample"), intake, cancellationToken);
        }
        catch (JsonException)
        {
            throw new MalformedRecordException("A text in it holds half a character.");
        }
    }

    /// <summary>Puts attachments in the place of references to them.</summary>
    private static JsonNode? Resolve(JsonNode? node, JsonFields attachments) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Resolve(field.Value, attachments)))),
        JsonArray items => new JsonArray([.. items.Select(item => Resolve(item, attachments))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith(Attachment, StringComparison.Ordinal) =>
            attachments.Text(text[Attachment.Length..]) ?? throw new UnusableRecordException("It refers to an attachment that is not in it."),
        _ => node?.DeepClone(),
    };
}
