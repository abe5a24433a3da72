using System.Globalization;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>A position in a template's tokens, and how deep the parser is in it.</summary>
internal sealed class TokenReader(List<Token> tokens)
{
    private int _at;
    private int _depth;

    public Token Current => tokens[_at];

    public Token Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_at++];

    public bool TakeIf(string text)
    {
        var found = Current.Is(text);
        _at += found ? 1 : 0;
        return found;
    }

    public Token Expect(TokenKind kind) => Current.Kind == kind ? Take() : throw Unexpected();

    public void Expect(string text)
    {
        if (!TakeIf(text))
        {
            throw Error($"expected '{text}', found {Describe(Current)}");
        }
    }

    /// <summary>Parses one level deeper.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > JinjaLimits.Nesting)
        {
            throw Error($"more than {JinjaLimits.Nesting} levels of nesting");
        }
        var parsed = parse();
        _depth--;
        return parsed;
    }

    public JinjaException Unexpected() => Error($"unexpected {Describe(Current)}");

    public JinjaException Error(string what) => new(string.Create(CultureInfo.InvariantCulture, $"line {Current.Line}: {what}"));

    private static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.TagEnd => "end of tag",
        TokenKind.PrintEnd => "end of print",
        TokenKind.Text => "text",
        _ => $"'{token.Text}'",
    };
}
