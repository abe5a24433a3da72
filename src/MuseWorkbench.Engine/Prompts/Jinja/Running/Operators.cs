using MuseWorkbench.Engine.Prompts.Jinja.Library;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Running;

/// <summary>Arithmetic as Python does it: divisions round down, numbers and texts do not mix.</summary>
internal static class Operators
{
    public static JinjaValue Apply(string symbol, JinjaValue left, JinjaValue right, JinjaBudget budget)
    {
        RefuseUndefined(left);
        if (symbol == "%" && left is JinjaString format)
        {
            return TextFormat.Percent(format, right, budget);
        }
        RefuseUndefined(right);
        try
        {
            return (symbol, left, right) switch
            {
                ("+", JinjaString a, JinjaString b) => Join(budget, a, b),
                ("+", JinjaList a, JinjaList b) when a.IsTuple == b.IsTuple => Join(a, b, budget),
                ("*", JinjaString or JinjaList, _) when IsInteger(right, out var times) => Repeat(left, times, budget),
                ("*", _, JinjaString or JinjaList) when IsInteger(left, out var times) => Repeat(right, times, budget),
                _ when IsInteger(left, out var a) && IsInteger(right, out var b) => Whole(symbol, a, b),
                _ when IsNumber(left, out var a) && IsNumber(right, out var b) => Fraction(symbol, a, b),
                _ => throw new JinjaException($"unsupported operand type(s) for {symbol}: '{left.Kind}' and '{right.Kind}'"),
            };
        }
        catch (OverflowException)
        {
            throw new JinjaException($"the result of {symbol} is beyond 64 bits");
        }
    }

    public static JinjaValue Sign(JinjaValue value, bool negative)
    {
        RefuseUndefined(value);
        return IsInteger(value, out var whole) ? new JinjaInteger(negative ? checked(-whole) : whole)
            : value is JinjaFloat number ? new JinjaFloat(negative ? -number.Value : number.Value)
            : throw new JinjaException($"bad operand type for unary {(negative ? '-' : '+')}: '{value.Kind}'");
    }

    public static JinjaString Join(JinjaBudget budget, params ReadOnlySpan<JinjaString> texts)
    {
        var length = 0L;
        foreach (var text in texts)
        {
            length += text.Text.Length;
        }
        budget.Text(length);
        var builder = new JinjaStringBuilder();
        foreach (var text in texts)
        {
            builder.Append(text);
        }
        return builder.ToText();
    }

    /// <summary>Whether it is a whole number; truth values are, in Python.</summary>
    public static bool IsInteger(JinjaValue value, out long whole)
    {
        whole = value switch { JinjaInteger number => number.Value, JinjaBool { Value: true } => 1, _ => 0 };
        return value is JinjaInteger or JinjaBool;
    }

    public static bool IsNumber(JinjaValue value, out double number)
    {
        number = value is JinjaFloat f ? f.Value : IsInteger(value, out var whole) ? whole : 0;
        return value is JinjaFloat or JinjaInteger or JinjaBool;
    }

    private static void RefuseUndefined(JinjaValue value)
    {
        if (value is JinjaUndefined undefined)
        {
            throw undefined.Error;
        }
    }

    private static JinjaList Join(JinjaList a, JinjaList b, JinjaBudget budget)
    {
        budget.Items(a.Items.Count + b.Items.Count);
        return new([.. a.Items, .. b.Items], a.IsTuple);
    }

    private static JinjaValue Repeat(JinjaValue value, long times, JinjaBudget budget)
    {
        times = Math.Clamp(times, 0, int.MaxValue);
        if (value is JinjaList list)
        {
            budget.Items(list.Items.Count * times);
            return new JinjaList([.. Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : (int)times).SelectMany(items => items)], list.IsTuple);
        }
        var text = (JinjaString)value;
        budget.Text(text.Text.Length * times);
        var builder = new JinjaStringBuilder();
        for (var i = 0; i < times && text.Text.Length > 0; i++)
        {
            builder.Append(text);
        }
        return builder.ToText();
    }

    private static JinjaValue Whole(string symbol, long a, long b) => symbol switch
    {
        "+" => new JinjaInteger(checked(a + b)),
        "-" => new JinjaInteger(checked(a - b)),
        "*" => new JinjaInteger(checked(a * b)),
        "/" when b != 0 => new JinjaFloat((double)a / b),
        "//" when b != 0 => new JinjaInteger(checked(a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0)),
        "%" when b is -1 => new JinjaInteger(0),
        "%" when b != 0 => new JinjaInteger(((a % b) + b) % b),
        "**" when b >= 0 => new JinjaInteger(Power(a, b)),
        "**" when a != 0 => new JinjaFloat(Math.Pow(a, b)),
        _ => throw new JinjaException("division by zero"),
    };

    private static JinjaFloat Fraction(string symbol, double a, double b) => new(symbol switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" when b != 0 => a / b,
        "//" when b != 0 => Math.Floor(a / b),
        "%" when b != 0 => a - (Math.Floor(a / b) * b),
        "**" when a >= 0 || Math.Floor(b) == b => Math.Pow(a, b),
        "**" => throw new JinjaException("a negative number has no such power"),
        _ => throw new JinjaException("division by zero"),
    });

    private static long Power(long value, long exponent)
    {
        var result = 1L;
        // Beyond 63 doublings only 0, 1 and −1 stay in 64 bits.
        for (var i = exponent > 64 && value is >= -1 and <= 1 ? exponent % 2 : exponent; i > 0; i--)
        {
            result = checked(result * value);
        }
        return value == 0 && exponent > 0 ? 0 : exponent > 64 && value == -1 ? (exponent % 2 == 0 ? 1 : -1) : result;
    }
}
