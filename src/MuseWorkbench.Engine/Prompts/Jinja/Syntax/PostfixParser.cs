using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>Reads what follows a value: members, items, slices, calls, filters, tests.</summary>
internal sealed class PostfixParser(TokenReader tokens)
{
    private static readonly string[] s_endOfTest = ["else", "or", "and"];

    /// <summary>Most members, calls and filters on one value: each nests what comes before it.</summary>
    private const int MaxChain = 200;

    public Expression Parse(ExpressionParser expressions, Expression value, bool withFilters)
    {
        for (var links = 0; links < MaxChain; links++)
        {
            if (tokens.TakeIf("."))
            {
                value = ParseMember(value);
            }
            else if (tokens.TakeIf("["))
            {
                value = ParseItem(expressions, value);
            }
            else if (tokens.Current.Is("("))
            {
                value = new Call(value, ParseArguments(expressions));
            }
            else if (withFilters && tokens.Current.Is("|"))
            {
                tokens.Take();
                value = ParseFilter(expressions, value);
            }
            else if (withFilters && tokens.TakeIf("is"))
            {
                value = ParseTest(expressions, value);
            }
            else
            {
                return value;
            }
        }
        throw tokens.Error($"more than {MaxChain} members, calls and filters on one value");
    }

    /// <summary>The filters of a tag, without their subject: <c>upper | trim</c>.</summary>
    public Filter ParseFilters(ExpressionParser expressions)
    {
        var filter = ParseFilter(expressions, null);
        while (tokens.TakeIf("|"))
        {
            filter = ParseFilter(expressions, filter);
        }
        return filter;
    }

    public Arguments ParseArguments(ExpressionParser expressions)
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? morePositional = null;
        Expression? moreNamed = null;
        tokens.Expect("(");
        while (!tokens.TakeIf(")"))
        {
            if (positional.Count + named.Count > 0 || morePositional is not null || moreNamed is not null)
            {
                tokens.Expect(",");
                if (tokens.TakeIf(")"))
                {
                    break;
                }
            }
            if (tokens.TakeIf("**"))
            {
                moreNamed = expressions.Parse();
            }
            else if (tokens.TakeIf("*"))
            {
                morePositional = expressions.Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Next.Is("="))
            {
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, expressions.Parse()));
            }
            else if (named.Count > 0)
            {
                throw tokens.Error("an argument by position follows one by name");
            }
            else
            {
                positional.Add(expressions.Parse());
            }
        }
        return new Arguments(positional, named, morePositional, moreNamed);
    }

    private Expression ParseMember(Expression value)
    {
        var token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new Member(value, token.Text),
            TokenKind.Integer when int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => new Item(value, new Literal(new JinjaInteger(index))),
            _ => throw tokens.Error("expected a name or number after '.'"),
        };
    }

    private Expression ParseItem(ExpressionParser expressions, Expression value)
    {
        var start = tokens.Current.Is(":") ? null : expressions.ParseTuple();
        if (start is not null && tokens.TakeIf("]"))
        {
            return new Item(value, start);
        }
        tokens.Expect(":");
        var stop = Bound();
        var step = tokens.TakeIf(":") ? Bound() : null;
        tokens.Expect("]");
        return new Slice(value, start, stop, step);

        Expression? Bound() => tokens.Current.Is(":") || tokens.Current.Is("]") ? null : expressions.Parse();
    }

    private Filter ParseFilter(ExpressionParser expressions, Expression? target)
    {
        var name = tokens.Expect(TokenKind.Name).Text;
        return new Filter(target, name, tokens.Current.Is("(") ? ParseArguments(expressions) : Arguments.None);
    }

    private Expression ParseTest(ExpressionParser expressions, Expression target)
    {
        var negated = tokens.TakeIf("not");
        var name = tokens.Expect(TokenKind.Name).Text;
        var arguments = Arguments.None;
        if (tokens.Current.Is("("))
        {
            arguments = ParseArguments(expressions);
        }
        else if (BeginsArgument())
        {
            arguments = Arguments.None with { Positional = [Parse(expressions, expressions.ParsePrimary(), withFilters: false)] };
        }
        Expression test = new Test(target, name, arguments);
        return negated ? new Not(test) : test;
    }

    private bool BeginsArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => !s_endOfTest.Any(tokens.Current.Is) && !tokens.Current.Is("is") && !tokens.Current.Is("if") && !tokens.Current.Is("not") && !tokens.Current.Is("in"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => tokens.Current.Is("[") || tokens.Current.Is("{"),
    };
}
