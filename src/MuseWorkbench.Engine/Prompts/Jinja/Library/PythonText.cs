using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Values as Python prints them.</summary>
internal static class PythonText
{
    /// <summary>As printed: a text is itself, what is undefined is nothing.</summary>
    public static JinjaString Of(JinjaValue value, JinjaBudget budget) => value switch
    {
        JinjaString text => text,
        JinjaUndefined => JinjaString.Empty,
        _ => Represent(value, budget),
    };

    /// <summary>As Python writes it in a list: texts in quotes.</summary>
    private static JinjaString Represent(JinjaValue value, JinjaBudget budget)
    {
        var builder = new JinjaStringBuilder();
        Write(value, builder, budget);
        // Text in quotes is read as one with them: half of it trusted would be cut in two.
        return builder.ToText().AllOrNothing();
    }

    public static string Number(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        var magnitude = Math.Abs(value);
        if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16))
        {
            // .NET writes 1E-05 and 1.5E+20 where Python writes 1e-05 and 1.5e+20.
            var text = value.ToString("E16", CultureInfo.InvariantCulture);
            var shortest = value.ToString("R", CultureInfo.InvariantCulture);
            var exponent = int.Parse(text[(text.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
            var at = shortest.IndexOf('E', StringComparison.Ordinal);
            var mantissa = at >= 0 ? shortest[..at] : Mantissa(shortest);
            return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        var plain = value.ToString("R", CultureInfo.InvariantCulture);
        if (plain.Contains('E', StringComparison.Ordinal))
        {
            plain = ((decimal)value).ToString(CultureInfo.InvariantCulture);
        }
        return plain.Contains('.', StringComparison.Ordinal) ? plain : $"{plain}.0";
    }

    private static string Mantissa(string plain)
    {
        var sign = plain.StartsWith('-') ? "-" : "";
        var digits = plain.Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal).Trim('0');
        return sign + digits[..1] + (digits.Length > 1 ? $".{digits[1..]}" : "");
    }

    private static void Write(JinjaValue value, JinjaStringBuilder to, JinjaBudget budget)
    {
        budget.Step();
        switch (value)
        {
            case JinjaNone: to.Append("None"); break;
            case JinjaBool flag: to.Append(flag.Value ? "True" : "False"); break;
            case JinjaInteger number: to.Append(number.Value.ToString(CultureInfo.InvariantCulture)); break;
            case JinjaFloat number: to.Append(Number(number.Value)); break;
            case JinjaString text:
                budget.Text(text.Text.Length);
                Quote(text, to);
                break;
            case JinjaList list:
                to.Append(list.IsTuple ? "(" : "[");
                WriteAll(list.Items, item => Write(item, to, budget), to);
                to.Append(!list.IsTuple ? "]" : list.Items.Count == 1 ? ",)" : ")");
                break;
            case JinjaMap map:
                to.Append("{");
                WriteAll(map.Entries, entry =>
                {
                    Write(entry.Key, to, budget);
                    to.Append(": ");
                    Write(entry.Value, to, budget);
                }, to);
                to.Append("}");
                break;
            case JinjaUndefined: to.Append("Undefined"); break;
            default: to.Append($"<{value.Kind}>"); break;
        }
    }

    private static void WriteAll<T>(IReadOnlyList<T> items, Action<T> write, JinjaStringBuilder to)
    {
        for (var i = 0; i < items.Count; i++)
        {
            to.Append(i > 0 ? ", " : "");
            write(items[i]);
        }
    }

    private static void Quote(JinjaString text, JinjaStringBuilder to)
    {
        var quote = text.Text.Contains('\'', StringComparison.Ordinal) && !text.Text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        to.Append(quote.ToString());
        TextEdit.Map(text, to, c => c switch
        {
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ when c == quote => $"\\{c}",
            < ' ' or (>= '\x7f' and < '\xa1') => $"\\x{(int)c:x2}",
            _ => null,
        });
        to.Append(quote.ToString());
    }
}
