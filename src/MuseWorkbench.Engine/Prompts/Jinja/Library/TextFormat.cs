using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Python's two ways to fill values into a text, as far as chat templates go.</summary>
internal static class TextFormat
{
    /// <summary><c>"%s of %d" % (a, b)</c>: the conversions s, d, i, f (with a number of decimals) and %%.</summary>
    public static JinjaString Percent(JinjaString format, JinjaValue values, JinjaBudget budget)
    {
        IReadOnlyList<JinjaValue> given = values is JinjaList { IsTuple: true } tuple ? tuple.Items : [values];
        var builder = new JinjaStringBuilder();
        var text = format.Text;
        var used = 0;
        var done = 0;
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', done))
        {
            builder.Append(format.Slice(done, at));
            var end = at + 1;
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            {
                end++;
            }
            var options = text[(at + 1)..end];
            var conversion = end < text.Length ? text[end] : throw new JinjaException("incomplete format");
            done = end + 1;
            builder.Append(conversion == '%' ? new JinjaString("%") : Convert(conversion, options, used < given.Count ? given[used++] : throw new JinjaException("not enough arguments for format string"), budget));
            budget.Text(builder.Length);
        }
        return used < given.Count && values is not (JinjaMap or JinjaList { IsTuple: false })
            ? throw new JinjaException("not all arguments converted during string formatting")
            : builder.Append(format.Slice(done, text.Length)).ToText();
    }

    /// <summary><c>"{} of {name}".format(a, name=b)</c>: fields by order, number or name, without conversions.</summary>
    public static JinjaString Braces(JinjaString format, JinjaArguments arguments, JinjaBudget budget)
    {
        var builder = new JinjaStringBuilder();
        var text = format.Text;
        var next = 0;
        for (var at = 0; at < text.Length;)
        {
            if (at + 1 < text.Length && text[at] is '{' or '}' && text[at + 1] == text[at])
            {
                builder.Append(format.Slice(at, at + 1));
                at += 2;
            }
            else if (text[at] == '{')
            {
                var end = text.IndexOf('}', at);
                var field = end < 0 ? throw new JinjaException("expected '}' before end of string") : text[(at + 1)..end];
                var value = field.Length == 0 ? arguments.Find(next++, "")
                    : int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? arguments.Find(index, "")
                    : arguments.Find(int.MaxValue, field);
                builder.Append(PythonText.Of(value ?? throw new JinjaException($"no value for the field '{{{field}}}'"), budget));
                budget.Text(builder.Length);
                at = end + 1;
            }
            else
            {
                var end = text.AsSpan(at + 1).IndexOfAny('{', '}');
                end = end < 0 ? text.Length : at + 1 + end;
                builder.Append(format.Slice(at, end));
                at = end;
            }
        }
        return builder.ToText();
    }

    private static JinjaString Convert(char conversion, string options, JinjaValue value, JinjaBudget budget)
    {
        if (conversion == 's' && options.Length == 0)
        {
            return PythonText.Of(value, budget);
        }
        var parts = options.Split('.');
        if (!Operators.IsNumber(value, out var number) || parts.Length > 2 || !Option(parts[0], out var width) || !Option(parts.ElementAtOrDefault(1) ?? "6", out var decimals))
        {
            throw new JinjaException($"unsupported format '%{options}{conversion}' for {value.Kind}");
        }
        var text = conversion switch
        {
            'd' or 'i' => Math.Truncate(number).ToString("F0", CultureInfo.InvariantCulture),
            'f' => number.ToString($"F{decimals}", CultureInfo.InvariantCulture),
            _ => throw new JinjaException($"unsupported format '%{options}{conversion}'"),
        };
        return new JinjaString(parts[0].StartsWith('0') ? text.PadLeft(width, '0') : text.PadLeft(width));

        static bool Option(string text, out int option) =>
            int.TryParse(text.Length == 0 ? "0" : text, NumberStyles.None, CultureInfo.InvariantCulture, out option) && option <= 100;
    }
}
