using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>Strings as written in templates, with Python's escapes; an escape that is none stays as it is.</summary>
internal static class StringLiteral
{
    /// <returns>Its text, or null where the string does not end.</returns>
    public static string? Read(string source, int at, out int end)
    {
        var quote = source[at];
        var text = new StringBuilder();
        for (end = at + 1; end < source.Length; end++)
        {
            if (source[end] == quote)
            {
                end++;
                return text.ToString();
            }
            if (source[end] == '\\' && end + 1 < source.Length)
            {
                end = Escape(source, end + 1, text);
            }
            else
            {
                text.Append(source[end]);
            }
        }
        return null;
    }

    /// <returns>The escape's last character.</returns>
    private static int Escape(string source, int at, StringBuilder text)
    {
        var c = source[at];
        switch (c)
        {
            case '\n': return at;
            case 'x' when TryHex(source, at + 1, 2, out var code): text.Append((char)code); return at + 2;
            case 'u' when TryHex(source, at + 1, 4, out var code): text.Append((char)code); return at + 4;
            case 'U' when TryHex(source, at + 1, 8, out var code) && Rune.IsValid(code): text.Append(new Rune(code)); return at + 8;
            case >= '0' and <= '7':
                var value = 0;
                var last = at;
                for (; last < source.Length && last < at + 3 && source[last] is >= '0' and <= '7'; last++)
                {
                    value = (value * 8) + source[last] - '0';
                }
                text.Append((char)value);
                return last - 1;
        }
        var known = "\\'\"abfnrtv".IndexOf(c, StringComparison.Ordinal);
        text.Append(known < 0 ? $"\\{c}" : "\\'\"\a\b\f\n\r\t\v"[known].ToString());
        return at;
    }

    private static bool TryHex(string source, int at, int length, out int code)
    {
        code = 0;
        return at + length <= source.Length && int.TryParse(source.AsSpan(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
    }
}
