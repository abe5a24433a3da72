using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// ROUGE's F₁ against the best of several references (Lin 2004): of n-grams (1, 2), or of the longest common subsequence
/// (L). Tokens as in Google's rouge_score without stemming: lower case, runs of a–z and 0–9; other letters than a–z are
/// kept here, where that library drops them.
/// </summary>
public sealed partial record RougeScorer : TextScorer
{
    /// <summary>Most tokens of a text: time grows with the product of the lengths.</summary>
    public const int MaxTokens = 5_000;

    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    /// <summary>1 or 2; 0 for the longest common subsequence.</summary>
    [JsonIgnore]
    public int N { get; init; } = 1;

    [JsonIgnore]
    public override double DefaultThreshold => 0.75;

    internal override string? FindProblem() =>
        Value.IsEmpty ? "'value' is empty." : Value.Any(v => Tokens(v).Length is 0 or > MaxTokens) ? $"Each value needs 1 to {MaxTokens:N0} words." : null;

    public override Score Score(string text)
    {
        var tokens = Tokens(text);
        if (tokens.Length > MaxTokens)
            return Scoring.Score.Error($"The text is longer than the {MaxTokens:N0} words that are compared.");
        var score = Value.Max(reference => F1(tokens, Tokens(reference)));
        return Scoring.Score.Of(score, $"ROUGE-{(N == 0 ? "L" : $"{N}")} F₁ {Words.Number(score)}");
    }

    private double F1(string[] text, string[] reference)
    {
        var (common, ofText, ofReference) = N == 0
            ? (CommonSubsequence(text, reference), text.Length, reference.Length)
            : (NGrams.Common(NGrams.Count(text, N), NGrams.Count(reference, N)), Math.Max(0, text.Length - N + 1), Math.Max(0, reference.Length - N + 1));
        // 2PR/(P + R) with P = common/ofText and R = common/ofReference.
        return common == 0 ? 0 : 2.0 * common / (ofText + ofReference);
    }

    private static int CommonSubsequence(string[] a, string[] b)
    {
        var row = new int[b.Length + 1];
        foreach (var word in a)
        {
            var diagonal = 0;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = word == b[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[b.Length];
    }

    private static string[] Tokens(string text) => [.. Token().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{M}0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Token();
}

/// <summary>Runs of n tokens.</summary>
internal static class NGrams
{
    public static Dictionary<string, int> Count(string[] tokens, int n)
    {
        Dictionary<string, int> counts = [];
        for (var i = 0; i + n <= tokens.Length; i++)
        {
            var gram = string.Join('\u001f', tokens.AsSpan(i, n));
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }
        return counts;
    }

    /// <summary>How many both have, each counted as often as in the one that has it less.</summary>
    public static int Common(Dictionary<string, int> a, Dictionary<string, int> b) => a.Sum(gram => Math.Min(gram.Value, b.GetValueOrDefault(gram.Key)));
}
