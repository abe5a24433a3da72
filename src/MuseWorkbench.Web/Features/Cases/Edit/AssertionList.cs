using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>A case's assertions under edit: as rows, or as one text.</summary>
public sealed class AssertionList
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_text = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32, AllowDuplicateProperties = false };

    private AssertionList(IEnumerable<AssertionForm> rows) => Rows = [.. rows];

    public List<AssertionForm> Rows { get; }

    /// <summary>The text under edit that could not be read; null while the rows say it all.</summary>
    public string? Raw { get; private set; }

    /// <summary>What is wrong with the text; null where nothing is.</summary>
    public string? RawFault { get; private set; }

    /// <summary>What keeps them from being saved; null where nothing does. What came so from elsewhere may stay.</summary>
    public string? Fault => RawFault ?? (Rows.FirstOrDefault(row => row.IsTouched && row.Fault is not null) is { } row
        ? $"Check {Rows.IndexOf(row) + 1}: {row.Fault}"
        : null);

    public static AssertionList Of(ImmutableArray<JsonElement> assertions) => new(assertions.Select(assertion => new AssertionForm(JsonNode.Parse(assertion.GetRawText()), isTouched: false)));

    public ImmutableArray<JsonElement> ToElements() => [.. Rows.Select(row => JsonSerializer.SerializeToElement(row.Fields))];

    /// <summary>All of them as JSON.</summary>
    public string ToText() => Raw ?? new JsonArray([.. Rows.Select(row => row.Fields.DeepClone())]).ToJsonString(s_indented);

    public AssertionForm Add(string type)
    {
        var row = new AssertionForm(new JsonObject { ["type"] = type }, isTouched: true);
        Rows.Add(row);
        return row;
    }

    /// <summary>Takes over a text: a list of objects with a type, as JSON. One that can't be read stays as it was typed.</summary>
    public void Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var node = string.IsNullOrWhiteSpace(text) ? new JsonArray() : JsonNode.Parse(text, documentOptions: s_text);
            if (node is not JsonArray list || list.Any(item => item is not JsonObject fields || fields["type"]?.GetValueKind() != JsonValueKind.String))
            {
                (Raw, RawFault) = (text, "A list of objects is expected, each with a type.");
                return;
            }
            Rows.Clear();
            Rows.AddRange(list.Select(item => new AssertionForm(item, isTouched: true)));
            (Raw, RawFault) = (null, null);
        }
        catch (JsonException e)
        {
            (Raw, RawFault) = (text, e.LineNumber is { } line ? $"This is not JSON: line {line + 1} can't be read." : "A field stands twice in the same place.");
        }
    }

    /// <summary>Lets go of a text that can't be read.</summary>
    public void DropText() => (Raw, RawFault) = (null, null);
}
