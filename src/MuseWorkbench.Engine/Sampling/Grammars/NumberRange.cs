using System.Globalization;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Where numbers end.</summary>
/// <param name="Value">At most <see cref="IntegerRange.Largest"/> in size.</param>
/// <param name="Excluded">Whether the value itself lies outside.</param>
internal readonly record struct Bound(decimal Value, bool Excluded);

/// <summary>Numbers with fractions between two bounds, as GBNF over their digits; without exponents, so that the digits alone decide.</summary>
internal static class NumberRange
{
    private const string Any = "[0-9]{0,15}";
    private const string AnyFraction = "(\".\" [0-9]{1,15})?";
    private const string MoreThanZero = "\"0\"{0,14} [1-9] " + Any;

    /// <summary>An expression in parentheses; null where no number lies between them.</summary>
    public static string? Write(Bound least, Bound most)
    {
        var parts = new List<string>();
        if (least.Value < 0)
        {
            // Mirrored. −0 is left out, as it is no other number than 0.
            var closest = most.Value < 0 ? new Bound(-most.Value, most.Excluded) : new Bound(0, true);
            parts.AddRange(Positive(closest, least with { Value = -least.Value }).Select(part => $"\"-\" {part}"));
        }
        if (most.Value >= 0)
        {
            parts.AddRange(Positive(least.Value < 0 ? default : least, most));
        }
        return parts.Count == 0 ? null : $"({string.Join(" | ", parts)})";
    }

    /// <summary>By the whole part: that of the lower bound, those between, that of the upper one.</summary>
    private static IEnumerable<string> Positive(Bound least, Bound most)
    {
        var (from, to) = ((long)decimal.Truncate(least.Value), (long)decimal.Truncate(most.Value));
        var (low, high) = (Fraction(least.Value), Fraction(most.Value));
        if (from > to)
        {
            yield break;
        }
        if (from == to)
        {
            if (Between(low, least.Excluded, high, most.Excluded) is { } between)
            {
                yield return $"\"{from}\" {between}";
            }
            yield break;
        }
        yield return low.Length > 0 ? $"\"{from}\" \".\" {AtLeast(low, least.Excluded)}" : least.Excluded ? $"\"{from}\" \".\" {MoreThanZero}" : $"\"{from}\" {AnyFraction}";
        if (to - from > 1)
        {
            yield return $"{IntegerRange.Write(from + 1, to - 1)} {AnyFraction}";
        }
        if (high.Length > 0)
        {
            yield return $"\"{to}\" (\".\" {AtMost(high, most.Excluded)})?";
        }
        else if (!most.Excluded)
        {
            yield return $"\"{to}\" (\".\" \"0\"{{1,15}})?";
        }
    }

    /// <summary>What follows a whole part that both bounds have; null where nothing can.</summary>
    private static string? Between(string low, bool aboveLow, string high, bool belowHigh)
    {
        if (low == high)
        {
            return aboveLow || belowHigh ? null : low.Length == 0 ? "(\".\" \"0\"{1,15})?" : $"\".\" \"{low}\" \"0\"{{0,15}}";
        }
        if (string.CompareOrdinal(low, high) > 0)
        {
            return null;
        }
        // A missing digit counts as 0.
        var same = 0;
        while (same < low.Length && low[same] == high[same])
        {
            same++;
        }
        while (same >= low.Length && high[same] == '0')
        {
            same++;
        }
        var (prefix, first, last) = (high[..same], same < low.Length ? low[same] : '0', high[same]);
        var parts = new List<string> { $"\"{first}\" {RestAtLeast(same < low.Length ? low[(same + 1)..] : "", aboveLow)}" };
        if (last - first > 1)
        {
            parts.Add($"[{(char)(first + 1)}-{(char)(last - 1)}] {Any}");
        }
        if (RestAtMost(high[(same + 1)..], belowHigh) is { } rest)
        {
            parts.Add($"\"{last}\" {rest}");
        }
        var differs = $"({string.Join(" | ", parts)})";
        var mayEndBefore = low.Length <= same && !aboveLow;
        return same == 0
            ? mayEndBefore ? $"(\".\" {differs})?" : $"\".\" {differs}"
            : !mayEndBefore ? $"\".\" \"{prefix}\" {differs}"
            // It may also end within zeros that only the upper bound's digits need.
            : low.Length == 0 ? $"(\".\" (\"0\"{{1,{same}}} | \"{prefix}\" {differs}))?" : $"\".\" \"{low}\" {(same > low.Length ? $"(\"0\"{{0,{same - low.Length}}} | \"{prefix[low.Length..]}\" {differs})" : $"{differs}?")}";
    }

    /// <summary>Digits of a fraction that is no less than one of these; they end in another digit than 0.</summary>
    private static string AtLeast(string digits, bool above)
    {
        var same = $"\"{digits[0]}\" {RestAtLeast(digits[1..], above)}";
        return digits[0] == '9' ? same : $"([{(char)(digits[0] + 1)}-9] {Any} | {same})";
    }

    private static string RestAtLeast(string digits, bool above) => digits.Length > 0 ? AtLeast(digits, above) : above ? MoreThanZero : Any;

    /// <summary>Digits, one at least, of a fraction that is no more than one of these.</summary>
    private static string AtMost(string digits, bool below)
    {
        var same = RestAtMost(digits[1..], below) is { } rest ? $"\"{digits[0]}\" {rest}" : null;
        var less = digits[0] == '0' ? null : $"[0-{(char)(digits[0] - 1)}] {Any}";
        return $"({string.Join(" | ", new[] { less, same }.OfType<string>())})";
    }

    private static string? RestAtMost(string digits, bool below) => digits.Length > 0 ? $"{AtMost(digits, below)}?" : below ? null : "\"0\"{0,15}";

    /// <summary>The digits after the point, without zeros at the end.</summary>
    private static string Fraction(decimal value) =>
        (value - decimal.Truncate(value)).ToString("0.##############################", CultureInfo.InvariantCulture) is { Length: > 2 } text ? text[2..] : "";
}
