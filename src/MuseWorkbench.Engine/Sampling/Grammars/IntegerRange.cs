using System.Globalization;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Whole numbers between two bounds, as GBNF over their digits.</summary>
internal static class IntegerRange
{
    /// <summary>Digits a number without bound may have; a double holds them all exactly.</summary>
    public const long Largest = 999_999_999_999_999;

    /// <summary>An expression in parentheses. Both bounds are inclusive and at most <see cref="Largest"/> in size.</summary>
    public static string Write(long least, long most)
    {
        var parts = new List<string>();
        if (least < 0)
        {
            // −0 is left out, as it is no other number than 0.
            var closest = Math.Max(1, -most);
            parts.AddRange(Positive(closest, -least).Select(part => $"\"-\" {part}"));
        }
        if (most >= 0)
        {
            parts.AddRange(Positive(Math.Max(0, least), most));
        }
        return $"({string.Join(" | ", parts)})";
    }

    /// <summary>Patterns of ever more digits.</summary>
    private static IEnumerable<string> Positive(long least, long most)
    {
        for (var from = least; from <= most;)
        {
            var digits = from.ToString(CultureInfo.InvariantCulture).Length;
            var to = Math.Min(most, (long)Math.Pow(10, digits) - 1);
            yield return Digits(from.ToString(CultureInfo.InvariantCulture), to.ToString(CultureInfo.InvariantCulture));
            from = to + 1;
        }
    }

    /// <summary>Numbers of one length: the first digit decides whether the rest is bounded below, above, not at all, or both ways.</summary>
    private static string Digits(string least, string most)
    {
        if (least.Length == 0)
        {
            return "";
        }
        var (rest, low, high) = (least.Length - 1, least[0], most[0]);
        if (low == high)
        {
            return $"\"{low}\" {Digits(least[1..], most[1..])}";
        }
        var parts = new List<string>();
        if (least[1..] != new string('0', rest))
        {
            parts.Add($"\"{low}\" {Digits(least[1..], new string('9', rest))}");
            low++;
        }
        var full = most[1..] == new string('9', rest);
        var last = full ? high : (char)(high - 1);
        if (low <= last)
        {
            parts.Add($"[{low}-{last}]{(rest > 0 ? $" [0-9]{{{rest}}}" : "")}");
        }
        if (!full)
        {
            parts.Add($"\"{high}\" {Digits(new string('0', rest), most[1..])}");
        }
        return $"({string.Join(" | ", parts)})";
    }
}
