using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>
/// The assertions a case is scored by: its own; else the experiment's defaults, with what the case expects in place of
/// <c>{{expected}}</c> and <c>{{regions}}</c>; else what follows from its expected answer, or where there is none from its expected places.
/// </summary>
public static class CaseAssertions
{
    private const string Expected = "{{expected}}", Regions = "{{regions}}";

    /// <exception cref="AssertionFormatException">There is nothing to score it by, or it can't be read; the message is for the user.</exception>
    public static ImmutableArray<Assertion> Of(Case @case, ImmutableArray<JsonElement> defaults)
    {
        ArgumentNullException.ThrowIfNull(@case);
        var assertions = !@case.Assertions.IsDefaultOrEmpty ? AssertionText.Read(new JsonArray([.. @case.Assertions.Select(Node)]))
            : !defaults.IsDefaultOrEmpty ? [.. defaults.SelectMany(item => Fill(item, @case))]
            : Implied(@case);
        return assertions.Any(assertion => assertion.Weight > 0)
            ? assertions
            : throw new AssertionFormatException("No assertion of the case weighs anything: that would pass any answer.");
    }

    /// <summary>What is wrong with default assertions whatever the case; null where nothing is.</summary>
    public static string? Fault(ImmutableArray<JsonElement> defaults)
    {
        try
        {
            if (!defaults.IsDefaultOrEmpty)
                _ = Of(new Case { Id = "case", Prompt = "question", Expected = "1", Regions = [new Region("thing", 0, 0, 1, 1)] }, defaults);
            return null;
        }
        catch (AssertionFormatException e)
        {
            return e.Message;
        }
    }

    private static ImmutableArray<Assertion> Implied(Case @case)
    {
        if (@case.Expected is not { } expected)
            return @case.Regions.IsDefaultOrEmpty ? throw new AssertionFormatException("It has neither assertions nor an expected answer or places.") : AssertionText.Read(new JsonArray(Places(@case.Regions)));
        var fields = new JsonObject { ["value"] = expected };
        if (@case.Choices.Contains(expected))
            (fields["type"], fields["choices"]) = ("choice", new JsonArray([.. @case.Choices.Select(choice => (JsonNode)choice)]));
        else if (Number(expected) is { } number)
            (fields["type"], fields["value"]) = ("numeric", number);
        else
            (fields["type"], fields["ignoreCase"]) = ("equals", true);
        return AssertionText.Read(new JsonArray(fields));
    }

    private static JsonObject Places(ImmutableArray<Region> regions) => new()
    {
        ["type"] = "acc-at-iou",
        ["value"] = JsonSerializer.SerializeToNode(regions, MuseJson.Options),
        // What is called nothing can be called anything.
        ["labels"] = regions.All(region => region.Label.Length > 0),
    };

    private static ImmutableArray<Assertion> Fill(JsonElement item, Case @case)
    {
        var filled = Filled(Node(item), @case, asNumber: false);
        try
        {
            return AssertionText.Read(new JsonArray(filled));
        }
        catch (AssertionFormatException) when (@case.Expected is { } expected && Number(expected) is not null)
        {
            // Kinds that want a number refuse one in quotes, and the other way round: only they know.
            return AssertionText.Read(new JsonArray(Filled(Node(item), @case, asNumber: true)));
        }
    }

    private static JsonNode? Filled(JsonNode? node, Case @case, bool asNumber) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Filled(field.Value, @case, asNumber)))),
        JsonArray items => new JsonArray([.. items.Select(item => Filled(item, @case, asNumber))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => FilledText(value.GetValue<string>(), @case, asNumber),
        _ => node?.DeepClone(),
    };

    private static JsonNode FilledText(string text, Case @case, bool asNumber)
    {
        if (text.Trim() == Regions)
            return @case.Regions.IsDefaultOrEmpty ? throw new AssertionFormatException("It has no places to compare with.") : JsonSerializer.SerializeToNode(@case.Regions, MuseJson.Options)!;
        if (!text.Contains(Expected, StringComparison.Ordinal))
            return text;
        var expected = @case.Expected ?? throw new AssertionFormatException("It has no expected answer.");
        return asNumber && text.Trim() == Expected && Number(expected) is { } number ? number : text.Replace(Expected, expected, StringComparison.Ordinal);
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static JsonNode? Node(JsonElement element) => JsonSerializer.SerializeToNode(element);
}
