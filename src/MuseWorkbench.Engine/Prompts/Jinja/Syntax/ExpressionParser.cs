using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>
/// Reads expressions. Operators bind, loosest first: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons, <c>+ -</c>,
/// <c>~</c>, <c>* / // %</c>, <c>**</c>, signs, then members, calls, filters and tests, as in Jinja.
/// </summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    private static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">=", "in"];
    private readonly PostfixParser _postfix = new(tokens);

    public Expression Parse(bool withCondition = true) => tokens.Nested(() => withCondition ? ParseConditional() : ParseOr());

    /// <summary>An expression, or a tuple of several without parentheses.</summary>
    public Expression ParseTuple(bool withCondition = true)
    {
        var first = Parse(withCondition);
        if (!tokens.Current.Is(","))
        {
            return first;
        }
        var items = new List<Expression> { first };
        while (tokens.TakeIf(",") && !EndsTuple())
        {
            items.Add(Parse(withCondition));
        }
        return new ListLiteral(items, IsTuple: true);
    }

    public Filter ParseFilters() => _postfix.ParseFilters(this);

    public Arguments ParseArguments() => _postfix.ParseArguments(this);

    private bool EndsTuple() => tokens.Current.Kind is TokenKind.TagEnd or TokenKind.PrintEnd || tokens.Current.Is(")") || tokens.Current.Is("in");

    private Expression ParseConditional()
    {
        var value = ParseOr();
        while (tokens.TakeIf("if"))
        {
            var condition = ParseOr();
            value = new Conditional(condition, value, tokens.TakeIf("else") ? Parse() : null);
        }
        return value;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.TakeIf("or"))
        {
            left = new Logic(left, IsAnd: false, ParseAnd());
        }
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.TakeIf("and"))
        {
            left = new Logic(left, IsAnd: true, ParseNot());
        }
        return left;
    }

    private Expression ParseNot() => tokens.TakeIf("not") ? new Not(tokens.Nested(ParseNot)) : ParseComparison();

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (tokens.Current.Is("not") && tokens.Next.Is("in"))
            {
                tokens.Take();
                tokens.Take();
                rest.Add(("not in", ParseSum()));
            }
            else if (s_comparisons.FirstOrDefault(tokens.Current.Is) is { } comparison)
            {
                tokens.Take();
                rest.Add((comparison, ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(first, rest);
            }
        }
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        var first = ParseProduct();
        if (!tokens.Current.Is("~"))
        {
            return first;
        }
        var parts = new List<Expression> { first };
        while (tokens.TakeIf("~"))
        {
            parts.Add(ParseProduct());
        }
        return new Concatenation(parts);
    }

    private Expression ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseBinary(() => ParseSigned(withFilters: true), "**");

    private Expression ParseBinary(Func<Expression> operand, params string[] operators)
    {
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text))
        {
            var symbol = tokens.Take().Text;
            left = new Binary(left, symbol, operand());
        }
        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        var sign = tokens.Current.Is("-") || tokens.Current.Is("+") ? tokens.Take().Text : null;
        var value = sign is null ? ParsePrimary() : new Sign(tokens.Nested(() => ParseSigned(withFilters: false)), sign == "-");
        return _postfix.Parse(this, value, withFilters);
    }

    /// <summary>A literal, name, or something in brackets.</summary>
    public Expression ParsePrimary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(JinjaBool.True),
                    "false" or "False" => new Literal(JinjaBool.False),
                    "none" or "None" => new Literal(JinjaNone.Value),
                    _ => new Name(token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text += tokens.Take().Text;
                }
                return new Literal(new JinjaString(text));
            case TokenKind.Integer:
                return long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                    ? new Literal(new JinjaInteger(whole))
                    : throw tokens.Error($"the number {token.Text} is too large");
            case TokenKind.Float:
                return new Literal(new JinjaFloat(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                return new ListLiteral(ParseUntil("]", () => Parse()), IsTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return new MapLiteral(ParseUntil("}", ParseEntry));
            default:
                throw tokens.Error($"unexpected '{token.Text}'");
        }
    }

    private Expression ParseParentheses()
    {
        if (tokens.TakeIf(")"))
        {
            return new ListLiteral([], IsTuple: true);
        }
        var value = ParseTuple();
        tokens.Expect(")");
        return value;
    }

    private (Expression, Expression) ParseEntry()
    {
        var key = Parse();
        tokens.Expect(":");
        return (key, Parse());
    }

    private List<T> ParseUntil<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!tokens.TakeIf(end))
        {
            if (items.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.TakeIf(end))
                {
                    break;
                }
            }
            items.Add(parse());
        }
        return items;
    }
}
