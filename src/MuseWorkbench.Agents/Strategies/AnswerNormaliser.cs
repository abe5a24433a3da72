using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// Brings an answer to the form under which it counts as the same as another. The rules only merge what cannot differ in
/// meaning: case, space, quotes and emphasis, a final period, a leading "the answer is", articles before a word, number
/// words up to twenty, thousands separators and trailing zeros, spellings of kilocalories and percent, and the order of a
/// list whose every item is a count and a word. "3" and "3 apples" stay different answers, and so do "3, 4" and "4, 3".
/// Answers that name places count by how many of each label they name; where the boxes lie is not compared.
/// </summary>
public static partial class AnswerNormaliser
{
    private static readonly string[] s_numberWords =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    private static readonly Dictionary<string, string> s_words = s_numberWords
        .Select((word, number) => (Word: word, As: number.ToString(CultureInfo.InvariantCulture)))
        .Concat([("kilocalories", "kcal"), ("kilocalorie", "kcal"), ("kcals", "kcal"), ("calories", "kcal"), ("percent", "%")])
        .ToDictionary(p => p.Item1, p => p.Item2);

    /// <summary>The voting form; empty where there is nothing to count.</summary>
    /// <param name="answer">The answer's text.</param>
    /// <param name="regions">Places named in the answer.</param>
    public static string Normalise(string answer, ImmutableArray<Region> regions)
    {
        if (!regions.IsDefaultOrEmpty)
            return OfRegions(regions);
        var text = Preamble().Replace(answer.Trim().ToLowerInvariant(), "");
        var boxed = Boxed().Match(text);
        if (boxed.Success)
            text = boxed.Groups[1].Value;
        var items = ListSeparator().Split(text).Select(OfItem).Where(i => i.Length > 0).ToArray();
        return items.Length > 1 && items.All(i => CountedItem().IsMatch(i))
            ? string.Join(", ", items.Order(StringComparer.Ordinal))
            : OfItem(text);
    }

    private static string OfRegions(ImmutableArray<Region> regions)
    {
        var labels = regions
            .GroupBy(r => OfItem(r.Label.ToLowerInvariant()))
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Count()} {(g.Key.Length > 0 ? g.Key : g.Count() == 1 ? "region" : "regions")}");
        return string.Join(", ", labels);
    }

    private static string OfItem(string text)
    {
        text = Emphasis().Replace(text, "");
        text = ThousandsSeparator().Replace(text, "");
        text = NumberAndUnit().Replace(text, "$1 $2");
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(OfWord).ToList();
        while (words.Count > 1 && words[0] is "a" or "an" or "the")
            words.RemoveAt(0);
        return string.Join(' ', words).TrimEnd('.', '!', ' ');
    }

    private static string OfWord(string word)
    {
        var bare = word.TrimEnd('.', '!');
        if (s_words.TryGetValue(bare, out var same))
            return same;
        return decimal.TryParse(bare, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("0.############################", CultureInfo.InvariantCulture)
            : word;
    }

    [GeneratedRegex(@"^(so,?\s+)?((the|my)\s+)?(final\s+)?answer(\s+is\s*:?|\s*:)\s*|^(answer|final answer)\s*:\s*", RegexOptions.None, 1000)]
    private static partial Regex Preamble();

    [GeneratedRegex(@"\\boxed\{([^{}]*)\}", RegexOptions.None, 1000)]
    private static partial Regex Boxed();

    [GeneratedRegex(@"\s*[,;]\s+(?:and\s+)?|\s+and\s+", RegexOptions.None, 1000)]
    private static partial Regex ListSeparator();

    [GeneratedRegex(@"[*_`""“”‘’$]|^'|'$", RegexOptions.None, 1000)]
    private static partial Regex Emphasis();

    [GeneratedRegex(@"(?<=\b\d{1,3}(,\d{3})*),(?=\d{3}(,\d{3})*\b)", RegexOptions.None, 1000)]
    private static partial Regex ThousandsSeparator();

    [GeneratedRegex(@"(?<![\w.])(\d+(?:\.\d+)?)(kcals?|kilocalories|calories|%)(?!\w)", RegexOptions.None, 1000)]
    private static partial Regex NumberAndUnit();

    [GeneratedRegex(@"^\d+ \p{L}[\p{L}\- ]*$", RegexOptions.None, 1000)]
    private static partial Regex CountedItem();
}
