using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>How an agent is held to a form of answer: by a schema, where its server can, and by words.</summary>
internal static class AnswerForms
{
    private static readonly ImmutableDictionary<AnswerForm, ChatResponseFormat> s_formats = Read();

    /// <summary>The published schema's branch for the form.</summary>
    public static ChatResponseFormat Format(AnswerForm form) => s_formats[form];

    /// <summary>For after the question and the role: the schema alone names the fields, but not what they are for.</summary>
    public static string Instruction(AnswerForm form) => "Answer with one JSON object and nothing else. " + form switch
    {
        AnswerForm.Food => """Name each food: {"kind":"food","title":…,"items":[{"label":…,"box":[where it is],"score":0 (worst) to 10 (best),"energyKcal":…,"carbohydrateG":…,"proteinG":…,"fatG":…,"text":why}],"summary":…}""",
        AnswerForm.Steps => """Say what to do, in order: {"kind":"steps","title":…,"items":[{"label":the part,"box":[where it is],"text":what to do there}]}""",
        _ => """Read each value: {"kind":"values","title":…,"items":[{"label":…,"point":[where it was read],"value":…,"unit":…}]}""",
    };

    private static ImmutableDictionary<AnswerForm, ChatResponseFormat> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("structured-answers.schema.json")!;
        return JsonNode.Parse(stream)!["oneOf"]!.AsArray().ToImmutableDictionary(
            branch => Enum.Parse<AnswerForm>(branch!["properties"]!["kind"]!["const"]!.GetValue<string>(), ignoreCase: true),
            branch => (ChatResponseFormat)ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(branch), "structured_answer"));
    }
}
