using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>A number as it stands in a text.</summary>
internal readonly record struct FoundNumber(double Value, string Text, int End);

/// <summary>Finds numbers in words a model writes.</summary>
internal static partial class NumberText
{
    private static readonly string[] s_words =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    /// <summary>All numbers of a text: digits with sign, thousands commas, decimals and exponent; and, where asked for, the words zero to twenty.</summary>
    public static ImmutableArray<FoundNumber> Find(string text, bool words = false)
    {
        var found = Number().Matches(text).Select(match => new FoundNumber(
            double.Parse(match.Value.Replace(",", "", StringComparison.Ordinal).Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture),
            match.Value, match.Index + match.Length));
        if (words)
        {
            found = found.Concat(Word().Matches(text).Select(match => (match, number: Array.IndexOf(s_words, match.Value.ToLowerInvariant())))
                .Where(m => m.number >= 0).Select(m => new FoundNumber(m.number, m.match.Value, m.match.Index + m.match.Length)));
        }
        return [.. found.Where(number => double.IsFinite(number.Value)).OrderBy(number => number.End)];
    }

    // Not inside a word or another number; a hyphen between digits ("3-4") is a dash, not a sign.
    [GeneratedRegex(@"(?<![\w.,])(?:(?<![\d\p{L}])[-+−])?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?![\d])", RegexOptions.None, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"\b[A-Za-z]{3,9}\b", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
