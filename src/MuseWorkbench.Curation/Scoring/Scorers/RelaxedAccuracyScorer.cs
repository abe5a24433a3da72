using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// ChartQA's relaxed accuracy (Masry et al., arXiv:2203.10244, after PlotQA): where answer and target are numbers,
/// |p − t|/|t| ≤ 0.05; else the same text in any case. A number ending in % is a hundredth of itself. A target of 0 is
/// compared as text.
/// </summary>
public sealed record RelaxedAccuracyScorer : TextScorer
{
    private const double MaxRelativeError = 0.05;

    /// <summary>The target, or several that are right.</summary>
    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    internal override string? FindProblem() => Value.IsEmpty ? "'value' is empty." : null;

    public override Score Score(string text)
    {
        var answer = text.Trim().TrimEnd('.');
        return Scoring.Score.Of(Value.Any(target => Matches(answer, target.Trim())), $"{Words.Quote(text)} against {string.Join(" or ", Value.Select(Words.Quote))}");
    }

    private static bool Matches(string answer, string target) =>
        Number(answer) is { } p && Number(target) is { } t && t != 0
            ? Math.Abs(p - t) / Math.Abs(t) <= MaxRelativeError + 1e-12
            : string.Equals(answer, target, StringComparison.OrdinalIgnoreCase);

    private static double? Number(string text)
    {
        var percent = text.EndsWith('%');
        return double.TryParse(percent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? percent ? number / 100 : number
            : null;
    }
}
