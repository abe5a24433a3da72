using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;

namespace MuseWorkbench.Curation.Cases;

/// <summary>What makes a case fit to be kept.</summary>
public static class CaseRules
{
    // Shares of an image's side: finer than a pixel at any size accepted, coarse enough to come back equal from pixels.
    private const int Decimals = 6;

    /// <summary>The case as it is kept: trimmed, line ends alike, tags each once and sorted, places rounded to a millionth, no empty texts.</summary>
    public static Case Normalise(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return @case with
        {
            Id = (@case.Id ?? "").Trim(),
            Prompt = Text(@case.Prompt) ?? "",
            Images = OrEmpty(@case.Images),
            Choices = [.. OrEmpty(@case.Choices).Select(choice => Text(choice) ?? "")],
            Expected = Text(@case.Expected),
            Regions = [.. OrEmpty(@case.Regions).Select(Round)],
            Table = Text(@case.Table),
            Assertions = OrEmpty(@case.Assertions),
            Tags = [.. OrEmpty(@case.Tags).Select(Text).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)],
            Split = Text(@case.Split),
            Notes = Text(@case.Notes) ?? "",
        };
    }

    /// <summary>What is wrong with a normalised case, in sentences for the reader; empty where it can be kept.</summary>
    public static ImmutableArray<string> Check(Case @case) => [.. FindProblems(@case).Select(problem => problem.Text)];

    /// <summary>What is wrong with a normalised case, and where.</summary>
    public static ImmutableArray<CaseProblem> FindProblems(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return
        [
            .. CheckId(@case.Id),
            .. CheckQuestion(@case),
            .. CheckAnswer(@case),
            .. @case.Table is { } table ? CheckTable(table) : [],
            .. CheckAssertions(@case.Assertions),
            .. CheckWords(@case),
        ];
    }

    private static IEnumerable<CaseProblem> CheckId(string id)
    {
        if (id.Length is 0 or > CaseLimits.IdLength)
            yield return new("id", Say($"The id is {id.Length:N0} characters long; 1 to {CaseLimits.IdLength} are allowed."));
        if (id.Any(IsInvisible))
            yield return new("id", "The id holds a character that can't be seen.");
    }

    private static IEnumerable<CaseProblem> CheckQuestion(Case @case)
    {
        if (@case.Prompt.Length == 0 && @case.Images.IsEmpty)
            yield return new("prompt", "It has neither a question nor an image.");
        if (@case.Prompt.Length > CaseLimits.PromptLength)
            yield return new("prompt", TooLong("question", @case.Prompt.Length, CaseLimits.PromptLength));
        if (@case.Images.Length > CaseLimits.Images)
            yield return new("images", TooMany("images", @case.Images.Length, CaseLimits.Images));
        if (@case.Images.Any(image => image is null || image.Width < 1 || image.Height < 1 || image.Sha256?.Length != 64))
            yield return new("images", "An image has no valid size or hash.");
        if (@case.Choices.Length > CaseLimits.Choices)
            yield return new("choices", TooMany("choices", @case.Choices.Length, CaseLimits.Choices));
        if (@case.Choices.Any(choice => choice.Length is 0 or > CaseLimits.ChoiceLength))
            yield return new("choices", Say($"A choice is empty or longer than {CaseLimits.ChoiceLength:N0} characters."));
        if (@case.Choices.Distinct(StringComparer.Ordinal).Count() < @case.Choices.Length)
            yield return new("choices", "A choice stands twice.");
    }

    private static IEnumerable<CaseProblem> CheckAnswer(Case @case)
    {
        if (@case.Expected is { Length: > CaseLimits.ExpectedLength } expected)
            yield return new("expected", TooLong("expected answer", expected.Length, CaseLimits.ExpectedLength));
        if (@case.Regions.Length > CaseLimits.Regions)
            yield return new("regions", TooMany("places", @case.Regions.Length, CaseLimits.Regions));
        if (!@case.Regions.All(IsInside))
            yield return new("regions", "A place lies outside its image, or its edges are in the wrong order.");
        if (@case.Regions.Any(region => region.ImageIndex < 0 || region.ImageIndex >= @case.Images.Length))
            yield return new("regions", "A place is in an image that the case does not have.");
        if (@case.Regions.Any(region => region.Label is null or { Length: > CaseLimits.LabelLength }))
            yield return new("regions", Say($"A place's label is longer than {CaseLimits.LabelLength} characters."));
        if (@case.Regions.Any(region => region.Polygon is { } corners && (corners.Length is < 6 or > 2 * Region.MaxCorners || corners.Length % 2 == 1 || !corners.All(IsShare))))
            yield return new("regions", Say($"A polygon needs 3 to {Region.MaxCorners} corners within the image."));
    }

    private static IEnumerable<CaseProblem> CheckTable(string table)
    {
        if (table.Length > CaseLimits.TableLength)
        {
            yield return new("table", TooLong("table", table.Length, CaseLimits.TableLength));
            yield break;
        }
        if (Csv.TryRead(table, out var rows) is { } fault)
            yield return new("table", $"The table is not CSV: {fault}");
        else if (rows.Count - 1 > CaseLimits.TableRows || rows.Any(row => row.Length > CaseLimits.TableColumns))
            yield return new("table", Say($"The table has more than {CaseLimits.TableRows:N0} rows or {CaseLimits.TableColumns} columns."));
    }

    private static IEnumerable<CaseProblem> CheckAssertions(ImmutableArray<JsonElement> assertions)
    {
        if (assertions.Length > CaseLimits.Assertions)
            yield return new("assertions", TooMany("assertions", assertions.Length, CaseLimits.Assertions));
        foreach (var assertion in assertions)
        {
            if (assertion.ValueKind != JsonValueKind.Object || !assertion.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
                yield return new("assertions", "An assertion is not an object with a type.");
            else if (assertion.GetRawText().Length > CaseLimits.AssertionLength)
                yield return new("assertions", TooLong("assertion", assertion.GetRawText().Length, CaseLimits.AssertionLength));
        }
    }

    private static IEnumerable<CaseProblem> CheckWords(Case @case)
    {
        if (@case.Tags.Length > CaseLimits.Tags)
            yield return new("tags", TooMany("tags", @case.Tags.Length, CaseLimits.Tags));
        if (@case.Tags.Any(tag => tag.Length > CaseLimits.TagLength || tag.Any(IsInvisible)))
            yield return new("tags", Say($"A tag is longer than {CaseLimits.TagLength} characters or holds one that can't be seen."));
        if (@case.Split is { } split && (split.Length > CaseLimits.SplitLength || split.Any(IsInvisible)))
            yield return new("split", Say($"The split is longer than {CaseLimits.SplitLength} characters or holds one that can't be seen."));
        if (@case.Notes.Length > CaseLimits.NotesLength)
            yield return new("notes", TooLong("notes", @case.Notes.Length, CaseLimits.NotesLength));
    }

    private static bool IsInside(Region region) =>
        IsShare(region.X0) && IsShare(region.Y0) && IsShare(region.X1) && IsShare(region.Y1) && region.X0 <= region.X1 && region.Y0 <= region.Y1;

    private static bool IsShare(double value) => value is >= 0 and <= 1;

    private static bool IsInvisible(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format;

    private static Region Round(Region region) => region with
    {
        Label = Text(region.Label) ?? "",
        X0 = Math.Round(region.X0, Decimals),
        Y0 = Math.Round(region.Y0, Decimals),
        X1 = Math.Round(region.X1, Decimals),
        Y1 = Math.Round(region.Y1, Decimals),
        Polygon = region.Polygon is { IsDefault: false } corners ? [.. corners.Select(corner => Math.Round(corner, Decimals))] : null,
    };

    /// <summary>Null for nothing. Half a surrogate pair and control characters could not be written, or not be shown, as they are read.</summary>
    private static string? Text(string? text)
    {
        var trimmed = text?.ReplaceLineEndings("\n").Trim();
        return trimmed is null or "" ? null : string.Create(trimmed.Length, trimmed, static (into, from) =>
        {
            from.CopyTo(into);
            for (var i = 0; i < into.Length; i++)
            {
                if (char.IsHighSurrogate(into[i]) && i + 1 < into.Length && char.IsLowSurrogate(into[i + 1]))
                    i++;
                else if (char.IsSurrogate(into[i]) || (char.IsControl(into[i]) && into[i] is not ('\n' or '\t')))
                    into[i] = (char)Rune.ReplacementChar.Value;
            }
        });
    }

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> items) => items.IsDefault ? [] : items;

    private static string TooLong(string what, int length, int most) => Say($"The {what} {(what == "notes" ? "are" : "is")} {length:N0} characters long; at most {most:N0} are allowed.");

    private static string TooMany(string what, int count, int most) => Say($"{count:N0} {what} are too many; at most {most:N0} are allowed.");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is wrong with a case.</summary>
/// <param name="Field">Where, by the field's JSON name.</param>
/// <param name="Text">A sentence for the reader.</param>
public sealed record CaseProblem(string Field, string Text);
