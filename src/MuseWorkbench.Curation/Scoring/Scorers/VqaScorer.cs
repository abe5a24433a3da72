using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// VQA's consensus (Antol et al., arXiv:1505.00468, §5): the mean over leaving each human answer out of
/// min(1, matches among the rest / 3), answers brought to one form as the official evaluation does: lower case, digits for
/// number words to ten, no articles, apostrophes in contractions, no punctuation. Here every answer is so normalised; the
/// official code skips it where all humans wrote the same.
/// </summary>
public sealed partial record VqaScorer : TextScorer
{
    /// <summary>What people answered, usually ten; each is a vote, so repeats matter.</summary>
    [JsonConverter(typeof(TextListConverter))]
    public required ImmutableArray<string> Value { get; init; }

    [JsonIgnore]
    public override double DefaultThreshold => 0.5;

    internal override string? FindProblem() => Value.IsEmpty ? "'value' is empty: it lists what people answered." : null;

    public override Score Score(string text)
    {
        var answer = Normalise(text);
        var matches = Value.Count(human => Normalise(human) == answer);
        // A single reference has nobody left to agree with: it is right or wrong.
        if (Value.Length == 1)
            return Scoring.Score.Of(matches == 1, $"{Words.Quote(answer)} against {Words.Quote(Value[0])}");
        var score = Value.Average(human => Math.Min(1, (matches - (Normalise(human) == answer ? 1 : 0)) / 3.0));
        return Scoring.Score.Of(score, $"{matches} of {Value.Length} people answered {Words.Quote(answer)}");
    }

    /// <summary>The form under which answers count as the same.</summary>
    internal static string Normalise(string answer)
    {
        var text = answer.Replace('\n', ' ').Replace('\t', ' ').Trim();
        text = Punctuate(text).ToLowerInvariant();
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => s_numbers.GetValueOrDefault(word, word))
            .Where(word => word is not ("a" or "an" or "the"))
            .Select(word => s_contractions.GetValueOrDefault(word, word));
        return string.Join(' ', words);
    }

    // A mark with a space at either side, and any mark of a text with a comma between digits, goes without trace; others leave a space.
    private static string Punctuate(string text)
    {
        var hasThousands = CommaInNumber().IsMatch(text);
        var result = text;
        foreach (var mark in ";/[]\"{}()=+\\_-><@`,?!")
        {
            var m = mark.ToString();
            result = text.Contains(m + " ", StringComparison.Ordinal) || text.Contains(" " + m, StringComparison.Ordinal) || hasThousands
                ? result.Replace(m, "", StringComparison.Ordinal)
                : result.Replace(m, " ", StringComparison.Ordinal);
        }
        return PeriodOutsideNumber().Replace(result, "");
    }

    private static readonly Dictionary<string, string> s_numbers = new()
    {
        ["none"] = "0", ["zero"] = "0", ["one"] = "1", ["two"] = "2", ["three"] = "3", ["four"] = "4", ["five"] = "5",
        ["six"] = "6", ["seven"] = "7", ["eight"] = "8", ["nine"] = "9", ["ten"] = "10",
    };

    // Keys are the forms without an apostrophe; "id", "its", "were", "well", "hell", "shell", "ill" are words and stay.
    private static readonly Dictionary<string, string> s_contractions = new[]
    {
        "ain't", "aren't", "can't", "could've", "couldn't", "couldn't've", "didn't", "doesn't", "don't", "hadn't", "hadn't've", "hasn't",
        "haven't", "he'd", "he'd've", "he's", "how'd", "how'll", "how's", "i'd've", "i'm", "i've", "isn't", "it'd", "it'd've", "it'll",
        "let's", "ma'am", "mightn't", "mightn't've", "might've", "mustn't", "must've", "needn't", "not've", "o'clock", "oughtn't",
        "shan't", "she'd've", "she's", "should've", "shouldn't", "shouldn't've", "somebody'd", "somebody'll", "somebody's", "someone'd",
        "someone'll", "someone's", "something'd", "something'll", "that's", "there'd", "there'd've", "there're", "there's", "they'd",
        "they'd've", "they'll", "they're", "they've", "'twas", "wasn't", "we'd've", "weren't", "we've", "what'll", "what're", "what's",
        "what've", "when's", "where'd", "where's", "where've", "who'd", "who'd've", "who'll", "who's", "who've", "why'll", "why're",
        "why's", "won't", "would've", "wouldn't", "wouldn't've", "y'all", "you'd", "you'd've", "you'll", "you're", "you've",
    }.ToDictionary(word => word.Replace("'", "", StringComparison.Ordinal));

    [GeneratedRegex(@"\d,\d", RegexOptions.None, 1000)]
    private static partial Regex CommaInNumber();

    [GeneratedRegex(@"\.(?!\d)", RegexOptions.None, 1000)]
    private static partial Regex PeriodOutsideNumber();
}
