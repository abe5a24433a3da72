using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Writes GBNF.</summary>
internal static class GrammarText
{
    /// <summary>A text as a literal.</summary>
    public static string Literal(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            written.Append(rune.Value is '"' or '\\' ? $"\\{(char)rune.Value}" : rune.Value < 0x20 ? Escape(rune.Value) : rune.ToString());
        }
        return written.Append('"').ToString();
    }

    /// <summary>A set of characters.</summary>
    public static string Set(CharacterSet set)
    {
        var written = new StringBuilder("[");
        foreach (var (from, to) in set.Ranges)
        {
            written.Append(Escape(from)).Append(from == to ? "" : "-" + Escape(to));
        }
        return written.Append(']').ToString();
    }

    private static string Escape(int character) => string.Create(CultureInfo.InvariantCulture, $"\\U{character:X8}");
}
