using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// One promptfoo test as a case. The question is what the prompt makes of the variables, or the variable that is called
/// like one; images are variables that name an image file or hold one; what promptfoo has no word for is in <c>metadata</c>.
/// </summary>
internal static class PromptfooTest
{
    private static readonly ImmutableArray<string> s_questions = ["question", "prompt", "input", "query", "instruction", "task", "text"];
    private static readonly ImmutableArray<string> s_answers = ["expected", "answer", "target", "ideal", "reference"];
    private static readonly HashSet<string> s_metadata = new(["id", "tags", "split", "notes", "choices", "regions", "table"], StringComparer.Ordinal);

    public static ImmutableArray<string> Keeps { get; } =
        ["id", "prompt", "images", "choices", "expected", "regions", "table", "assertions", "tags", "split", "notes"];

    /// <param name="file">The file it stands in, which image names are relative to.</param>
    /// <param name="template">The prompt, where there is exactly one and it is plain text.</param>
    public static async Task<Case> ReadAsync(
        IImportFiles files, string file, JsonElement test, string? template, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (test.ValueKind == JsonValueKind.String)
            throw new UnusableRecordException("It is in a file of its own; import that.");
        var fields = new JsonFields(test, "a test");
        foreach (var field in fields.All.Where(f => f.Name is not ("description" or "vars" or "metadata" or "threshold" or "assert")))
            intake.Note($"'{FileNames.Show(field.Name)}' of a test is not kept.");
        var images = ImmutableArray.CreateBuilder<ImageRef>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in fields.Object("vars")?.All ?? [])
        {
            var text = JsonFields.ToText(variable.Value, variable.Name);
            if (ImageReference.IsImage(variable.Name, text))
                images.Add(await ImageReference.ReadAsync(files, file, text, intake, cancellationToken));
            else if (text.StartsWith("file://", StringComparison.Ordinal))
                throw new UnusableRecordException($"The variable '{FileNames.Show(variable.Name)}' is read from a file, which is not done here.");
            else
                texts.Add(variable.Name, text);
        }
        var metadata = fields.Object("metadata");
        return new Case
        {
            Id = metadata?.Text("id") ?? "",
            Prompt = Question(template, texts, images.Count > 0),
            Images = images.ToImmutable(),
            Choices = metadata?.Texts("choices") ?? [],
            Expected = s_answers.Select(name => texts.GetValueOrDefault(name)).FirstOrDefault(text => text is not null),
            Regions = CaseJson.ReadRegions(metadata?["regions"]),
            Table = metadata?.Text("table"),
            Assertions = Assertions(fields),
            Tags = metadata is { } more ? [.. more.Texts("tags"), .. RecordTags.Of(more.All, s_metadata, intake)] : [],
            Split = metadata?.Text("split"),
            Notes = metadata?.Text("notes") ?? fields.Text("description") ?? "",
        };
    }

    /// <param name="images">The names of its images in the export.</param>
    public static JsonObject Write(Case @case, IReadOnlyList<string> images)
    {
        var variables = new JsonObject { ["question"] = @case.Prompt };
        for (var i = 0; i < images.Count; i++)
            variables[ImageVariable(i)] = "file://" + images[i];
        if (@case.Expected is { } expected)
            variables["expected"] = expected;
        var metadata = new JsonObject { ["id"] = @case.Id };
        CaseJson.WriteRest(@case, metadata, s_metadata);
        var test = new JsonObject { ["vars"] = variables, ["metadata"] = metadata };
        if (!@case.Assertions.IsEmpty)
            test["assert"] = JsonSerializer.SerializeToNode(@case.Assertions);
        return test;
    }

    /// <summary>image, image2, image3 …</summary>
    public static string ImageVariable(int index) => index == 0 ? "image" : $"image{index + 1}";

    /// <summary>A threshold of a whole test is that of a set of its assertions.</summary>
    private static ImmutableArray<JsonElement> Assertions(JsonFields test)
    {
        var assertions = test.Items("assert");
        return test["threshold"] is { } threshold && assertions.Length > 0
            ? [ImportText.ToElement(new JsonObject { ["type"] = "assert-set", ["threshold"] = JsonFields.Number(threshold, "threshold"), ["assert"] = JsonSerializer.SerializeToNode(assertions) })]
            : assertions;
    }

    private static string Question(string? template, Dictionary<string, string> texts, bool hasImages)
    {
        if (template is not null && PromptTemplate.TryRender(template, texts) is { } rendered)
            return rendered;
        if (s_questions.FirstOrDefault(texts.ContainsKey) is { } name)
            return texts[name];
        var rest = texts.Where(text => !s_answers.Contains(text.Key)).Select(text => text.Value).ToArray();
        return rest.Length switch
        {
            1 => rest[0],
            0 when hasImages => "",
            0 => throw new UnusableRecordException("It has no variable that could be the question."),
            _ => throw new UnusableRecordException("It has several variables, none of them called 'question', and no prompt here says how to put them together."),
        };
    }
}
