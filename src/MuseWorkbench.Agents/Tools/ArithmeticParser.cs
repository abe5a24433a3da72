using System.Globalization;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// Evaluates an expression by recursive descent. Its length bounds its time (each character is read once) and its
/// nesting is bounded too, so no input can hang it or exhaust the stack.
/// </summary>
internal ref struct ArithmeticParser
{
    public const int MaxLength = 1_000;
    public const int MaxDepth = 50;

    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;

    private ArithmeticParser(ReadOnlySpan<char> text) => _text = text;

    /// <summary>The value, or what is wrong with the expression.</summary>
    public static (decimal Value, string? Error) Evaluate(string expression)
    {
        if (expression.Length > MaxLength)
            return (0, $"The expression is longer than {MaxLength} characters.");
        try
        {
            var parser = new ArithmeticParser(expression);
            var value = parser.Sum();
            return parser.IsAtEnd() ? (value, null) : (0, parser.Unexpected().Message);
        }
        catch (FormatException wrong)
        {
            return (0, wrong.Message);
        }
        catch (DivideByZeroException)
        {
            return (0, "Division by zero.");
        }
        catch (OverflowException)
        {
            return (0, "A number is too large.");
        }
    }

    private decimal Sum()
    {
        var value = Product();
        while (Peek() is '+' or '-')
            value = _text[_at++] == '+' ? value + Product() : value - Product();
        return value;
    }

    private decimal Product()
    {
        var value = Factor();
        while (Peek() is '*' or '/' or '×' or '÷')
            value = _text[_at++] is '*' or '×' ? value * Factor() : value / Factor();
        return value;
    }

    private decimal Factor()
    {
        if (++_depth > MaxDepth)
            throw new FormatException($"The expression is nested deeper than {MaxDepth} levels.");
        var value = Peek() switch
        {
            '-' => Signed(-1),
            '+' => Signed(1),
            '(' => Group(),
            _ => Number(),
        };
        _depth--;
        return value;
    }

    private decimal Signed(int sign)
    {
        _at++;
        return sign * Factor();
    }

    private decimal Group()
    {
        _at++;
        var value = Sum();
        if (Peek() != ')')
            throw new FormatException("A closing parenthesis is missing.");
        _at++;
        return value;
    }

    private decimal Number()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        if (start == _at)
            throw Unexpected();
        var digits = _text[start.._at];
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"\"{Shorten(digits)}\" is not a number this calculator can hold.");
    }

    /// <summary>The next character that isn't space, or NUL at the end.</summary>
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool IsAtEnd()
    {
        Peek();
        return _at == _text.Length;
    }

    private FormatException Unexpected() => new(
        IsAtEnd() ? "The expression ends too early." : $"Unexpected \"{_text[_at]}\" at character {_at + 1}.");

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 32 ? text.ToString() : string.Concat(text[..32], "…");
}
