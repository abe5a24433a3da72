using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// LLM Comparator's JSON: examples with two models' outputs. A case is an example's input and tags; outputs and scores are
/// results, not cases. Written, the expected answer stands as output A of a model called <c>expected</c>, and is read back
/// from there; pictures are custom fields of type <c>image_byte</c>.
/// </summary>
internal sealed class LlmComparatorFormat : ICaseFormat
{
    private const string Expected = "expected", ImageByte = "image_byte", ImagePath = "image_path";

    public string Id => "llm-comparator";
    public string Name => "LLM Comparator JSON";
    public string Extension => ".json";
    public ImmutableArray<string> Keeps => ["prompt", "images", "expected", "tags"];

    public bool Recognises(IImportFiles files) => JsonFiles.Main(files) is { } file && JsonFiles.BeginsWith(files, file, "models", "examples");

    public async Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken)
    {
        var file = JsonFiles.Main(files) ?? throw new ImportRefusedException("There is no JSON file in it, or several.");
        var (examples, images, hasExpected) = Parts(await ImportText.ReadJsonAsync(files, file, cancellationToken));
        for (var i = 0; i < examples.Length; i++)
        {
            var example = examples[i];
            await intake.RecordAsync($"{file}, example {i + 1}", () => ReadCaseAsync(files, file, example, images, hasExpected, intake, cancellationToken), cancellationToken);
        }
    }

    public async Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken)
    {
        var examples = new JsonArray();
        var images = 0;
        await foreach (var (@case, bytes) in outlet.ReadAsync(cancellationToken))
        {
            var pictures = new JsonObject();
            for (var i = 0; i < bytes.Length; i++)
                pictures[PromptfooTest.ImageVariable(i)] = Convert.ToBase64String(bytes[i].Span);
            images = Math.Max(images, bytes.Length);
            examples.Add(new JsonObject
            {
                ["input_text"] = @case.Prompt, ["tags"] = JsonSerializer.SerializeToNode(@case.Tags), ["output_text_a"] = @case.Expected ?? "", ["output_text_b"] = "",
                ["score"] = 0, ["individual_rater_scores"] = new JsonArray(), ["custom_fields"] = pictures,
            });
        }
        var root = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["source_path"] = "MuseWorkbench",
                ["custom_fields_schema"] = JsonSerializer.SerializeToNode(Enumerable.Range(0, images).Select(i => new { name = PromptfooTest.ImageVariable(i), type = ImageByte })),
            },
            ["models"] = new JsonArray(new JsonObject { ["name"] = Expected }, new JsonObject { ["name"] = "none" }),
            ["examples"] = examples,
        };
        await into.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(root, CaseJson.Lines), cancellationToken);
    }

    private static (ImmutableArray<JsonElement> Examples, Dictionary<string, string> Images, bool HasExpected) Parts(JsonElement root)
    {
        try
        {
            var fields = new JsonFields(root, "the file");
            if (fields["examples"] is null || fields["models"] is null)
                throw new MalformedRecordException("There are no 'models' and 'examples' in it.");
            var models = fields.Items("models").Select(model => new JsonFields(model, "a model").Text("name")).ToArray();
            if (models.Length != 2)
                throw new MalformedRecordException($"There are {models.Length} models in it; two are compared.");
            var images = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var item in fields.Object("metadata")?.Items("custom_fields_schema") ?? [])
            {
                var field = new JsonFields(item, "a custom field");
                if (field.Text("type") is ImageByte or ImagePath)
                    images[field.Text("name") ?? ""] = field.Text("type")!;
            }
            return (fields.Items("examples"), images, models[0] == Expected);
        }
        catch (MalformedRecordException e)
        {
            throw new ImportRefusedException(e.Message, e);
        }
    }

    private static async Task<Case> ReadCaseAsync(
        IImportFiles files, string file, JsonElement element, Dictionary<string, string> imageFields, bool hasExpected, CaseIntake intake, CancellationToken cancellationToken)
    {
        var example = new JsonFields(element, "an example");
        if (example["input_text"] is null)
            throw new MalformedRecordException("An example has no 'input_text'.");
        var images = ImmutableArray.CreateBuilder<ImageRef>();
        var custom = example.Object("custom_fields");
        foreach (var field in custom?.All ?? [])
        {
            if (!imageFields.TryGetValue(field.Name, out var type))
            {
                intake.Note($"'{FileNames.Show(field.Name)}' is not kept.");
                continue;
            }
            var text = JsonFields.ToText(field.Value, field.Name);
            images.Add(type == ImagePath
                ? await ImageReference.ReadAsync(files, file, text, intake, cancellationToken)
                : await intake.ImageAsync(ImageReference.DecodeBase64(text), "", cancellationToken));
        }
        var answer = hasExpected ? example.Text("output_text_a") : null;
        if (!hasExpected)
            intake.Note("The two models' outputs and their scores are not kept.");
        return new Case { Id = "", Prompt = example.Text("input_text")!, Images = images.ToImmutable(), Expected = answer, Tags = example.Texts("tags") };
    }
}
