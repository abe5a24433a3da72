using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Dates as C's <c>strftime</c> writes them in English.</summary>
internal static class Strftime
{
    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            // %-d and %-m leave out the leading zero.
            var bare = format[at + 1] == '-' && at + 2 < format.Length;
            at += bare ? 2 : 1;
            var part = Part(time, format[at]);
            text.Append(bare ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }
        return text.ToString();
    }

    private static string Part(DateTimeOffset time, char conversion) => conversion switch
    {
        'Y' => Write(time, "yyyy"),
        'y' => Write(time, "yy"),
        'm' => Write(time, "MM"),
        'd' => Write(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'H' => Write(time, "HH"),
        'I' => Write(time, "hh"),
        'M' => Write(time, "mm"),
        'S' => Write(time, "ss"),
        'f' => Write(time, "ffffff"),
        'p' => Write(time, "tt"),
        'A' => Write(time, "dddd"),
        'a' => Write(time, "ddd"),
        'B' => Write(time, "MMMM"),
        'b' or 'h' => Write(time, "MMM"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'F' => Write(time, "yyyy-MM-dd"),
        'T' => Write(time, "HH:mm:ss"),
        'D' => Write(time, "MM/dd/yy"),
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => throw new JinjaException($"strftime_now does not know %{conversion}"),
    };

    private static string Write(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
