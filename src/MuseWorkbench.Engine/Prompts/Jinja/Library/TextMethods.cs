using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Methods of texts.</summary>
internal static class TextMethods
{
    public static JinjaFunction? Find(JinjaString text, string name, JinjaBudget budget)
    {
        Func<JinjaArguments, JinjaValue>? body = name switch
        {
            "strip" => a => TextEdit.Trim(text, a.FindText(0, "chars")?.Text),
            "lstrip" => a => TextEdit.Trim(text, a.FindText(0, "chars")?.Text, end: false),
            "rstrip" => a => TextEdit.Trim(text, a.FindText(0, "chars")?.Text, start: false),
            "split" => a => Split(text, a.FindText(0, "sep"), a.FindInteger(1, "maxsplit") ?? -1, budget),
            "rsplit" => a => SplitFromEnd(text, a.FindText(0, "sep"), a.FindInteger(1, "maxsplit") ?? -1, budget),
            "splitlines" => a => SplitLines(text, a.IsTrue(0, "keepends"), budget),
            "startswith" => a => JinjaBool.Of(Any(a, part => text.Text.StartsWith(part, StringComparison.Ordinal))),
            "endswith" => a => JinjaBool.Of(Any(a, part => text.Text.EndsWith(part, StringComparison.Ordinal))),
            "replace" => a => TextEdit.Replace(text, a.RequireText(0, "old"), a.RequireText(1, "new"), a.FindInteger(2, "count") ?? -1, budget),
            "removeprefix" => a => a.RequireText(0, "prefix").Text is var p && text.Text.StartsWith(p, StringComparison.Ordinal) ? text.Slice(p.Length, text.Text.Length) : text,
            "removesuffix" => a => a.RequireText(0, "suffix").Text is var s && text.Text.EndsWith(s, StringComparison.Ordinal) ? text.Slice(0, text.Text.Length - s.Length) : text,
            "upper" => _ => text.WithText(text.Text.ToUpperInvariant()),
            "lower" => _ => text.WithText(text.Text.ToLowerInvariant()),
            "title" => _ => text.WithText(TextEdit.Title(text.Text, c => !char.IsLetter(c))),
            "capitalize" => _ => text.WithText(TextEdit.Capitalize(text.Text)),
            "join" => a => JoinAll(text, a.Require(0, "iterable"), budget),
            "find" => a => new JinjaInteger(Index(text, text.Text.IndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal))),
            "rfind" => a => new JinjaInteger(Index(text, text.Text.LastIndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal))),
            "index" => a => new JinjaInteger(text.Text.IndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal) is var at and >= 0 ? Index(text, at) : throw new JinjaException("substring not found")),
            "count" => a => new JinjaInteger(TextEdit.Places(text.Text, a.RequireText(0, "sub").Text, int.MaxValue).Count),
            "format" => a => TextFormat.Braces(text, a, budget),
            "isdigit" => _ => All(text, char.IsDigit),
            "isalpha" => _ => All(text, char.IsLetter),
            "isalnum" => _ => All(text, char.IsLetterOrDigit),
            "isspace" => _ => All(text, TextEdit.IsSpace),
            "isupper" => _ => JinjaBool.Of(text.Text.Any(char.IsUpper) && !text.Text.Any(char.IsLower)),
            "islower" => _ => JinjaBool.Of(text.Text.Any(char.IsLower) && !text.Text.Any(char.IsUpper)),
            _ => null,
        };
        return body is null ? null : new JinjaFunction(name, body);
    }

    private static JinjaBool All(JinjaString text, Func<char, bool> holds) => JinjaBool.Of(text.Text.Length > 0 && text.Text.All(holds));

    private static bool Any(JinjaArguments arguments, Func<string, bool> holds) => arguments.Require(0, "prefix") switch
    {
        JinjaString text => holds(text.Text),
        JinjaList { IsTuple: true } tuple => tuple.Items.OfType<JinjaString>().Any(t => holds(t.Text)),
        var other => throw new JinjaException($"expected str or a tuple of str, not {other.Kind}"),
    };

    private static long Index(JinjaString text, int at) => at < 0 ? -1 : Sequences.Length(text.Slice(0, at));

    private static JinjaString JoinAll(JinjaString between, JinjaValue items, JinjaBudget budget)
    {
        var texts = new List<JinjaString>();
        foreach (var item in Sequences.Of(items, budget))
        {
            if (texts.Count > 0)
            {
                texts.Add(between);
            }
            texts.Add(item as JinjaString ?? throw new JinjaException($"expected str to join, found {item.Kind}"));
        }
        return Operators.Join(budget, [.. texts]);
    }

    private static JinjaList Split(JinjaString text, JinjaString? separator, long most, JinjaBudget budget)
    {
        most = most < 0 ? int.MaxValue : most;
        var parts = new List<JinjaValue>();
        if (separator is null)
        {
            for (var rest = TextEdit.Trim(text, null, end: false); rest.Text.Length > 0; rest = TextEdit.Trim(rest, null, end: false))
            {
                budget.Text(rest.Text.Length);
                var end = 0;
                while (end < rest.Text.Length && (parts.Count >= most || !TextEdit.IsSpace(rest.Text[end])))
                {
                    end++;
                }
                parts.Add(rest.Slice(0, end));
                rest = rest.Slice(end, rest.Text.Length);
            }
            return new JinjaList(parts);
        }
        var done = 0;
        foreach (var at in TextEdit.Places(text.Text, NonEmpty(separator), most))
        {
            parts.Add(text.Slice(done, at));
            done = at + separator.Text.Length;
        }
        parts.Add(text.Slice(done, text.Text.Length));
        budget.Text(text.Text.Length);
        budget.Items(parts.Count);
        return new JinjaList(parts);
    }

    private static JinjaList SplitFromEnd(JinjaString text, JinjaString? separator, long most, JinjaBudget budget)
    {
        if (separator is null || most < 0)
        {
            return Split(text, separator, most < 0 ? -1 : throw new JinjaException("rsplit needs a separator here"), budget);
        }
        var parts = new List<JinjaValue>();
        var end = text.Text.Length;
        var part = NonEmpty(separator);
        for (var at = text.Text.LastIndexOf(part, StringComparison.Ordinal); at >= 0 && parts.Count < most; at = at == 0 ? -1 : text.Text[..at].LastIndexOf(part, StringComparison.Ordinal))
        {
            budget.Text(end);
            parts.Insert(0, text.Slice(at + part.Length, end));
            end = at;
        }
        parts.Insert(0, text.Slice(0, end));
        return new JinjaList(parts);
    }

    private static JinjaList SplitLines(JinjaString text, bool keepEnds, JinjaBudget budget)
    {
        var lines = new List<JinjaValue>();
        for (var at = 0; at < text.Text.Length;)
        {
            var end = text.Text.AsSpan(at).IndexOfAny('\n', '\r');
            end = end < 0 ? text.Text.Length : at + end;
            var next = end + (end + 1 < text.Text.Length && text.Text[end] == '\r' && text.Text[end + 1] == '\n' ? 2 : end < text.Text.Length ? 1 : 0);
            lines.Add(text.Slice(at, keepEnds ? next : end));
            at = next;
        }
        budget.Items(lines.Count);
        return new JinjaList(lines);
    }

    private static string NonEmpty(JinjaString separator) => separator.Text.Length > 0 ? separator.Text : throw new JinjaException("empty separator");
}
