using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>
/// JSON as Python's <c>json.dumps</c> writes it with <c>ensure_ascii=False</c>, which is what chat templates' <c>tojson</c> is. Where
/// any of it is not the template's, none of it counts as the template's: models read JSON as one text.
/// </summary>
internal sealed class JsonText(JinjaBudget budget, int? indent, string itemSeparator, string keySeparator, bool asciiOnly, bool sortKeys)
{
    private readonly JinjaStringBuilder _to = new();

    /// <summary>The <c>tojson</c> filter.</summary>
    public static JinjaString Filter(JinjaBudget budget, JinjaArguments arguments)
    {
        arguments.Check("tojson", 5, "indent", "ensure_ascii", "separators", "sort_keys");
        // In the order transformers has them: value, ensure_ascii, indent, separators, sort_keys. Jinja's own has indent first.
        var first = arguments.Positional.ElementAtOrDefault(1);
        var indent = first is JinjaInteger ? arguments.FindInteger(1, "indent") : arguments.FindInteger(2, "indent");
        var separators = arguments.Find(3, "separators") as JinjaList;
        var json = new JsonText(
            budget, indent is null ? null : (int)Math.Clamp(indent.Value, 0, 32), Separator(0) ?? (indent is null ? ", " : ","), Separator(1) ?? ": ",
            first is JinjaInteger ? arguments.IsTrue(int.MaxValue, "ensure_ascii") : arguments.IsTrue(1, "ensure_ascii"), arguments.IsTrue(4, "sort_keys"));
        json.Write(arguments.Require(0, "value"), 0);
        return json._to.ToText().AllOrNothing();

        string? Separator(int index) => separators?.Items.Count == 2 && separators.Items[index] is JinjaString text ? text.Text : null;
    }

    private void Write(JinjaValue value, int level)
    {
        budget.Step();
        switch (value)
        {
            case JinjaNone: _to.Append("null"); break;
            case JinjaBool flag: _to.Append(flag.Value ? "true" : "false"); break;
            case JinjaInteger number: _to.Append(number.Value.ToString(CultureInfo.InvariantCulture)); break;
            case JinjaFloat number: _to.Append(Number(number.Value)); break;
            case JinjaString text: WriteText(text); break;
            case JinjaList list: WriteAll("[", "]", list.Items, level, item => Write(item, level + 1)); break;
            case JinjaMap map: WriteAll("{", "}", Entries(map), level, entry => WriteEntry(entry, level + 1)); break;
            case JinjaUndefined undefined: throw undefined.Error;
            default: throw new JinjaException($"Object of type {value.Kind} is not JSON serializable");
        }
    }

    private IReadOnlyList<KeyValuePair<JinjaValue, JinjaValue>> Entries(JinjaMap map) =>
        sortKeys ? [.. map.Entries.OrderBy(e => (e.Key as JinjaString)?.Text ?? throw new JinjaException("only texts can be sorted as keys"), StringComparer.Ordinal)] : map.Entries;

    private void WriteEntry(KeyValuePair<JinjaValue, JinjaValue> entry, int level)
    {
        switch (entry.Key)
        {
            case JinjaString text:
                WriteText(text);
                break;
            case JinjaNone or JinjaBool or JinjaInteger or JinjaFloat:
                _to.Append("\"");
                Write(entry.Key, level);
                _to.Append("\"");
                break;
            default:
                throw new JinjaException($"keys must be str, int, float, bool or None, not {entry.Key.Kind}");
        }
        _to.Append(keySeparator);
        Write(entry.Value, level);
    }

    private void WriteAll<T>(string open, string close, IReadOnlyList<T> items, int level, Action<T> write)
    {
        _to.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            _to.Append(i > 0 ? itemSeparator : "");
            Break(level + 1);
            write(items[i]);
        }
        if (items.Count > 0)
        {
            Break(level);
        }
        _to.Append(close);
    }

    private void Break(int level)
    {
        if (indent is { } width)
        {
            budget.Text((long)width * level);
            _to.Append("\n" + new string(' ', width * level));
        }
    }

    private void WriteText(JinjaString text)
    {
        budget.Text(text.Text.Length);
        _to.Append("\"");
        TextEdit.Map(text, _to, c => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            < ' ' => $"\\u{(int)c:x4}",
            > '~' when asciiOnly && c != '\x7f' => $"\\u{(int)c:x4}",
            _ => null,
        });
        _to.Append("\"");
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : PythonText.Number(value);
}
