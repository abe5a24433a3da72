using System.Globalization;
using System.Text;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>CSV by RFC 4180, strictly: what is torn is refused where most readers guess.</summary>
internal static class Csv
{
    /// <summary>Reads all rows; blank lines are passed over.</summary>
    /// <returns>Null where the text is CSV, else what is wrong, in words.</returns>
    public static string? TryRead(string text, out List<string[]> rows)
    {
        rows = [];
        var fields = new List<string>();
        var at = text.StartsWith('\uFEFF') ? 1 : 0;
        var line = 1;
        while (at < text.Length)
        {
            if (ReadField(text, ref at, ref line, out var field) is { } fault)
                return fault;
            fields.Add(field);
            if (at < text.Length && text[at] == ',')
            {
                if (++at == text.Length)
                    fields.Add("");
                else
                    continue;
            }
            SkipLineEnd(text, ref at, ref line);
            if (fields is not [""])
                rows.Add([.. fields]);
            fields.Clear();
        }
        return null;
    }

    public static string Write(IEnumerable<IEnumerable<string>> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
            text.AppendJoin(',', row.Select(Quote)).Append('\n');
        return text.ToString();
    }

    private static string? ReadField(string text, ref int at, ref int line, out string field)
    {
        field = "";
        if (at < text.Length && text[at] == '"')
            return ReadQuoted(text, ref at, ref line, out field);
        var start = at;
        while (at < text.Length && text[at] is not (',' or '\r' or '\n'))
        {
            if (text[at++] == '"')
                return Say($"line {line} holds a quotation mark inside a field that does not begin with one.");
        }
        field = text[start..at];
        return null;
    }

    private static string? ReadQuoted(string text, ref int at, ref int line, out string field)
    {
        var (content, first) = (new StringBuilder(), line);
        field = "";
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                line += text[at] == '\n' ? 1 : 0;
                content.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                content.Append(text[at++]);
            }
            else
            {
                at++;
                field = content.ToString();
                return at == text.Length || text[at] is ',' or '\r' or '\n' ? null : Say($"line {line} goes on after a closing quotation mark.");
            }
        }
        return Say($"the quotation mark in line {first} is never closed.");
    }

    private static void SkipLineEnd(string text, ref int at, ref int line)
    {
        if (at < text.Length && text[at] == '\r')
            at++;
        if (at < text.Length && text[at] == '\n')
            at++;
        line++;
    }

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") || field.Length == 0 || field != field.Trim() ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
