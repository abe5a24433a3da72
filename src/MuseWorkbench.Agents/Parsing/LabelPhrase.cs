using System.Text;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>Finds the words that name a place among the words around it.</summary>
internal static class LabelPhrase
{
    private const int MaxWords = 4;
    private const string PhraseEnds = ";,.:!?()\n";

    // "I can see an apple" names an apple: what a verb leads in to, without its article.
    private static readonly HashSet<string> s_verbs = new(StringComparer.OrdinalIgnoreCase) { "see", "is", "are", "and", "there" };
    private static readonly HashSet<string> s_articles = new(StringComparer.OrdinalIgnoreCase)
    {
        "i", "a", "an", "the", "this", "that", "here", "one", "with", "at", "in", "on", "close-up",
    };

    /// <summary>The name at the text's end: back to a delimiter or <paramref name="notBefore"/>, at most four words, lead-ins left out.</summary>
    public static (int Start, int Length) Before(StringBuilder text, int notBefore)
    {
        int start = text.Length, words = 0;
        var inWord = false;
        while (start > notBefore && !PhraseEnds.Contains(text[start - 1]))
        {
            var letter = !char.IsWhiteSpace(text[start - 1]);
            if (letter && !inWord && ++words > MaxWords)
                break;
            inWord = letter;
            start--;
        }
        return DropLeadIns(text, start, text.Length);
    }

    /// <summary>The range without space at its ends.</summary>
    public static (int Start, int Length) Trim(StringBuilder text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return (start, end - start);
    }

    private static (int Start, int Length) DropLeadIns(StringBuilder text, int start, int end)
    {
        var at = Trim(text, start, end).Start;
        var name = at;
        while (at < end)
        {
            var wordEnd = at;
            while (wordEnd < end && !char.IsWhiteSpace(text[wordEnd]))
                wordEnd++;
            var next = Trim(text, wordEnd, end).Start;
            var word = text.ToString(at, wordEnd - at);
            if (s_verbs.Contains(word) || (at == name && s_articles.Contains(word)))
                name = next;
            at = next;
        }
        return Trim(text, name, end);
    }
}
