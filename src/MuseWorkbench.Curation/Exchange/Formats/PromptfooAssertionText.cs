using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// An assertion as promptfoo's CSV has it: <c>type(threshold):value</c>; anything else is a text to be equal to. Types
/// that take lists have them between commas.
/// </summary>
internal static partial class PromptfooAssertionText
{
    public static JsonObject Read(string text)
    {
        if (Short().Match(text) is not { Success: true } match)
            return new JsonObject { ["type"] = "equals", ["value"] = text };
        var assertion = new JsonObject { ["type"] = match.Groups["type"].Value };
        if (match.Groups["threshold"] is { Success: true } threshold)
            assertion["threshold"] = double.Parse(threshold.Value, CultureInfo.InvariantCulture);
        if (match.Groups["value"] is { Success: true } value)
            assertion["value"] = IsList(assertion) ? JsonSerializer.SerializeToNode(value.Value.Split(',', StringSplitOptions.TrimEntries)) : value.Value.Trim();
        return assertion;
    }

    /// <summary>Null where the short form can't say it.</summary>
    public static string? TryWrite(JsonElement assertion)
    {
        if (assertion.EnumerateObject().Any(field => field.Name is not ("type" or "threshold" or "value")))
            return null;
        var type = assertion.GetProperty("type").GetString()!;
        var threshold = assertion.TryGetProperty("threshold", out var least) ? $"({least.GetRawText()})" : "";
        string? text = null;
        if (assertion.TryGetProperty("value", out var value))
            text = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : "\0")),
                _ => "\0",
            };
        string[] candidates = type == "equals" && text is not null ? [text, $"equals:{text}"] : [$"{type}{threshold}{(text is null ? "" : $":{text}")}"];
        return candidates.FirstOrDefault(candidate => candidate.Length > 0 && JsonNode.DeepEquals(Read(candidate), JsonObject.Create(assertion)));
    }

    private static bool IsList(JsonObject assertion) => assertion["type"]!.GetValue<string>() is var type && (type.EndsWith("-any", StringComparison.Ordinal) || type.EndsWith("-all", StringComparison.Ordinal));

    // promptfoo's types that have a short form; others are written out in YAML or JSONL.
    [GeneratedRegex(
        @"\A(?<type>(not-)?(equals|i?contains(-any|-all)?|regex|starts-with|is-json|contains-json|is-html|contains-html|is-sql|contains-sql|is-xml|contains-xml|is-refusal|levenshtein|rouge-n|bleu|gleu|meteor|latency|cost|perplexity(-score)?|similar|classifier|llm-rubric|g-eval|factuality|model-graded-closedqa|answer-relevance|is-valid-openai-(function-call|tools-call)|is-valid-function-call|numeric|choice|relaxed-accuracy|anls|vqa|iou|point-in-box|count-error))(\((?<threshold>\d+(\.\d+)?)\))?(:(?<value>(.|\n)*))?\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Short();
}
