using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Edits that keep every character's origin.</summary>
internal static class TextEdit
{
    /// <summary>Appends a text with some characters replaced; the replacement comes from where the character came from.</summary>
    public static void Map(JinjaString text, JinjaStringBuilder to, Func<char, string?> replace)
    {
        var done = 0;
        for (var at = 0; at < text.Text.Length; at++)
        {
            if (replace(text.Text[at]) is not { } replacement)
            {
                continue;
            }
            to.Append(text.Slice(done, at));
            var marks = text.Slice(at, at + 1).Marks;
            to.Append(marks.IsEmpty ? new JinjaString(replacement) : JinjaString.Untrusted(replacement, marks[0].Source));
            done = at + 1;
        }
        to.Append(text.Slice(done, text.Text.Length));
    }

    public static JinjaString Trim(JinjaString text, string? characters, bool start = true, bool end = true)
    {
        var from = 0;
        var to = text.Text.Length;
        while (start && from < to && Goes(text.Text[from]))
        {
            from++;
        }
        while (end && to > from && Goes(text.Text[to - 1]))
        {
            to--;
        }
        return text.Slice(from, to);

        bool Goes(char c) => characters is null ? IsSpace(c) : characters.Contains(c, StringComparison.Ordinal);
    }

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static JinjaString Replace(JinjaString text, JinjaString old, JinjaString replacement, long count, JinjaBudget budget)
    {
        var places = Places(text.Text, old.Text, count < 0 ? int.MaxValue : count);
        if (places.Count == 0)
        {
            return text;
        }
        budget.Text(text.Text.Length + ((long)places.Count * (replacement.Text.Length - old.Text.Length)));
        var builder = new JinjaStringBuilder();
        var done = 0;
        foreach (var at in places)
        {
            builder.Append(text.Slice(done, at)).Append(replacement);
            done = at + old.Text.Length;
        }
        return builder.Append(text.Slice(done, text.Text.Length)).ToText();
    }

    /// <summary>Where <paramref name="part"/> stands in a text, without overlaps; an empty one stands around every character.</summary>
    public static List<int> Places(string text, string part, long most)
    {
        var places = new List<int>();
        for (var at = 0; places.Count < most && at <= text.Length && (at = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += Math.Max(1, part.Length))
        {
            places.Add(at);
        }
        return places;
    }

    /// <summary>First letter large, the others small.</summary>
    public static string Capitalize(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>Each word's first letter large; what ends a word is said by <paramref name="isBreak"/>.</summary>
    public static string Title(string text, Func<char, bool> isBreak)
    {
        var after = true;
        return string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = after ? char.ToUpperInvariant(source[i]) : char.ToLowerInvariant(source[i]);
                after = isBreak(source[i]);
            }
        });
    }
}
