using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// The option a text chooses is the value. Read in this order, the first that gives an option wins: the whole text is a
/// letter; the last "answer is B", "answer: B" or \boxed{B}; letters in parentheses or leading a line as "B." or "B)";
/// the text of an option. Where one step gives several options, or no step any, the choice can't be read: it is wrong and
/// counted apart. MMMU's own code draws one at random there, which rewards saying nothing.
/// </summary>
public sealed partial record ChoiceScorer : TextScorer
{
    /// <summary>Most options.</summary>
    public const int MaxChoices = 26;

    /// <summary>The right option's letter, A to Z, or its text where <see cref="Choices"/> are given.</summary>
    [JsonConverter(typeof(TextConverter))]
    public required string Value { get; init; }

    /// <summary>The options' texts, in order; empty where only letters are known.</summary>
    [JsonConverter(typeof(TextListConverter))]
    public ImmutableArray<string> Choices { get; init; } = [];

    internal override string? FindProblem() =>
        Choices.Length > MaxChoices ? $"There are more than {MaxChoices} choices." :
        Choices.Select(choice => choice.Trim().ToUpperInvariant()).Distinct().Count() < Choices.Length ? "Two choices are the same." :
        Right is null ? Choices.IsEmpty ? "'value' is the letter of the right choice." : "'value' is none of the choices, nor the letter of one." : null;

    private int Count => Choices.IsEmpty ? MaxChoices : Choices.Length;

    private char? Right => Letter(Value) ?? OfText(Value);

    public override Score Score(string text)
    {
        var chosen = Read(text);
        return chosen is { } letter
            ? Scoring.Score.Of(letter == Right, $"{letter} chosen, {Right} is right")
            : Scoring.Score.Unreadable($"no single choice can be read in {Words.Quote(text)}");
    }

    private char? Read(string text)
    {
        if (Letter(text.Trim().Trim('*', '_', '`', '"', '(', ')', '.', ':', ' ')) is { } whole)
            return whole;
        if (Stated().Matches(text).Select(m => LetterOf(m)).LastOrDefault(letter => letter is not null) is { } stated)
            return stated;
        var marked = Marked().Matches(text).Select(m => LetterOf(m)).OfType<char>().Distinct().ToList();
        if (marked.Count > 0)
            return marked is [var one] ? one : null;
        return OfText(text.Trim().TrimEnd('.')) ?? OfNamed(text);
    }

    private char? LetterOf(Match match) => match.Groups.Cast<Group>().Skip(1).Where(g => g.Success).Select(g => Letter(g.Value)).FirstOrDefault();

    private char? Letter(string text) =>
        text.Trim() is [var c] && char.ToUpperInvariant(c) is >= 'A' and <= 'Z' and var letter && letter - 'A' < Count ? letter : null;

    private char? OfText(string text)
    {
        var i = Choices.IndexOf(text.Trim(), 0, StringComparer.OrdinalIgnoreCase);
        return i < 0 ? null : (char)('A' + i);
    }

    // An option's text somewhere in the answer; "red" within "dark red" is not said.
    private char? OfNamed(string text)
    {
        var named = Enumerable.Range(0, Choices.Length).Where(i => HasWords(text, Choices[i])).ToList();
        var longest = named.Where(i => !named.Any(j => j != i && HasWords(Choices[j], Choices[i]))).ToList();
        return longest is [var one] ? (char)('A' + one) : null;
    }

    private static bool HasWords(string text, string words)
    {
        words = words.Trim();
        for (var at = text.IndexOf(words, StringComparison.OrdinalIgnoreCase); at >= 0 && words.Length > 0; at = text.IndexOf(words, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + words.Length == text.Length || !char.IsLetterOrDigit(text[at + words.Length])))
                return true;
        }
        return false;
    }

    // A lone capital after "answer is", not the article of "the answer is a dog".
    [GeneratedRegex(@"(?:\b[Aa]nswer|ANSWER|\b[Oo]ption|\b[Cc]hoice)\W{0,4}(?:is|IS)?\W{0,6}?([A-Z])(?![\w'’])(?!\s+[a-z])|\\boxed\{\W*(?:\\text\{)?([A-Za-z])\W*\}", RegexOptions.None, 1000)]
    private static partial Regex Stated();

    [GeneratedRegex(@"\(([A-Za-z])\)|^\s*\W{0,2}([A-Z])[.):](?=\s|$|\*)", RegexOptions.Multiline, 1000)]
    private static partial Regex Marked();
}
