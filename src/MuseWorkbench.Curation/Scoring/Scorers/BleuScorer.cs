using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// Sentence BLEU-4 (Papineni et al. 2002) as sacreBLEU's sentence_bleu computes it (Post, arXiv:1804.08771), over 100:
/// tokeniser 13a, case kept; the geometric mean of clipped precisions of 1- to 4-grams, up to the longest the text has
/// (effective order); the i-th zero count becomes 1/2ⁱ (smoothing "exp"); brevity penalty against the reference closest in
/// length.
/// </summary>
public sealed partial record BleuScorer : TextScorer
{
    private const int Order = 4;
    private const int MaxTokens = 20_000;

    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    [JsonIgnore]
    public override double DefaultThreshold => 0.5;

    internal override string? FindProblem() =>
        Value.IsEmpty ? "'value' is empty." : Value.Any(v => Tokenise(v).Length is 0 or > MaxTokens) ? $"Each value needs 1 to {MaxTokens:N0} words." : null;

    public override Score Score(string text)
    {
        var tokens = Tokenise(text);
        if (tokens.Length > MaxTokens)
            return Scoring.Score.Error($"The text is longer than the {MaxTokens:N0} words that are compared.");
        var score = Bleu(tokens, [.. Value.Select(Tokenise)]);
        return Scoring.Score.Of(score, $"BLEU {Words.Number(score)}");
    }

    private static double Bleu(string[] text, string[][] references)
    {
        double logs = 0, smoothing = 1;
        var order = 0;
        for (var n = 1; n <= Order && text.Length >= n; n++, order++)
        {
            var total = text.Length - n + 1;
            var allowed = new Dictionary<string, int>();
            foreach (var reference in references)
            {
                foreach (var (gram, count) in NGrams.Count(reference, n))
                    allowed[gram] = Math.Max(allowed.GetValueOrDefault(gram), count);
            }
            double correct = NGrams.Common(NGrams.Count(text, n), allowed);
            // Without a common word there is no longer common run either.
            if (n == 1 && correct == 0)
                return 0;
            if (correct == 0)
                correct = 1 / (smoothing *= 2);
            logs += Math.Log(correct / total);
        }
        if (order == 0)
            return 0;
        var closest = references.Select(reference => reference.Length).OrderBy(length => Math.Abs(length - text.Length)).ThenBy(length => length).First();
        return Math.Min(1, Math.Exp(1 - (double)closest / text.Length)) * Math.Exp(logs / order);
    }

    internal static string[] Tokenise(string text)
    {
        var line = text.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = $" {line} ";
        line = Symbols().Replace(line, " $1 ");
        line = MarkAfterOther().Replace(line, "$1 $2 ");
        line = MarkBeforeOther().Replace(line, " $1 $2");
        line = DashAfterDigit().Replace(line, "$1 $2 ");
        return line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])", RegexOptions.None, 1000)]
    private static partial Regex Symbols();

    [GeneratedRegex(@"([^0-9])([\.,])", RegexOptions.None, 1000)]
    private static partial Regex MarkAfterOther();

    [GeneratedRegex(@"([\.,])([^0-9])", RegexOptions.None, 1000)]
    private static partial Regex MarkBeforeOther();

    [GeneratedRegex(@"([0-9])(-)", RegexOptions.None, 1000)]
    private static partial Regex DashAfterDigit();
}
