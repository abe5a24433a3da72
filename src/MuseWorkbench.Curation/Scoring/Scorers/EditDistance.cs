using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>Levenshtein's distance: fewest insertions, deletions and replacements of a character (UTF-16 unit) that make one text of the other.</summary>
internal static class EditDistance
{
    /// <summary>Longest text compared; time grows with the product of the lengths.</summary>
    public const int MaxLength = 20_000;

    public static int Of(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.Length < b.Length)
        {
            var shorter = a;
            a = b;
            b = shorter;
        }
        var row = ArrayPool<int>.Shared.Rent(b.Length + 1);
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        var distance = row[b.Length];
        ArrayPool<int>.Shared.Return(row);
        return distance;
    }
}

/// <summary>The edit distance to the value is at most the threshold.</summary>
public sealed record LevenshteinScorer : TextScorer
{
    [JsonConverter(typeof(TextConverter))]
    public required string Value { get; init; }

    /// <summary>Largest distance that passes, in characters.</summary>
    public int Threshold { get; init; } = 5;

    internal override string? FindProblem() =>
        Threshold < 0 ? "'threshold' is below 0." : Value.Length > EditDistance.MaxLength ? $"'value' is longer than {EditDistance.MaxLength:N0} characters." : null;

    public override Score Score(string text)
    {
        if (text.Length > EditDistance.MaxLength)
            return Scoring.Score.Error($"The text is longer than the {EditDistance.MaxLength:N0} characters that are compared.");
        var distance = EditDistance.Of(text, Value);
        return Scoring.Score.Of(distance <= Threshold, $"distance {distance} of at most {Threshold}");
    }
}

/// <summary>
/// ANLS of one answer: max over references of 1 − NL where NL &lt; τ = 0.5, else 0; NL is the edit distance over the longer
/// length, in lower case with single spaces (Biten et al., arXiv:1905.13648; DocVQA, InfoVQA).
/// </summary>
public sealed record AnlsScorer : TextScorer
{
    private const double MaxDistance = 0.5;

    /// <summary>The reference, or several.</summary>
    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    [JsonIgnore]
    public override double DefaultThreshold => 1 - MaxDistance;

    internal override string? FindProblem() =>
        Value.IsEmpty ? "'value' is empty." : Value.Any(v => v.Length > EditDistance.MaxLength) ? $"A value is longer than {EditDistance.MaxLength:N0} characters." : null;

    public override Score Score(string text)
    {
        if (text.Length > EditDistance.MaxLength)
            return Scoring.Score.Error($"The text is longer than the {EditDistance.MaxLength:N0} characters that are compared.");
        var answer = Plain(text);
        var score = Value.Max(reference => Similarity(answer, Plain(reference)));
        return Scoring.Score.Of(score, $"ANLS {Words.Number(score)}: {Words.Quote(text)} against {string.Join(" or ", Value.Select(Words.Quote))}");
    }

    private static double Similarity(string answer, string reference)
    {
        var longer = Math.Max(answer.Length, reference.Length);
        var distance = longer == 0 ? 0 : (double)EditDistance.Of(answer, reference) / longer;
        return distance < MaxDistance ? 1 - distance : 0;
    }

    private static string Plain(string text) => string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
