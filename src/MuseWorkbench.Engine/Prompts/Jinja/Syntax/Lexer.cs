using System.Globalization;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>
/// Cuts a template into tokens, with the white space around tags treated as chat templates expect it: <c>trim_blocks</c> and
/// <c>lstrip_blocks</c> are on, and one line break at the very end is dropped.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] s_operators =
        ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineAt;

    private Lexer(string source) => _source = source;

    /// <exception cref="JinjaException">Something in it is no token, or a tag or comment does not end.</exception>
    public static List<Token> Read(string template)
    {
        var source = template.ReplaceLineEndings("\n");
        source = source.EndsWith('\n') ? source[..^1] : source;
        var lexer = new Lexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        // Whether what was cut last ended a line, so that what follows begins one.
        var lineStarts = true;
        while (_at < _source.Length)
        {
            var open = FindOpening();
            var kind = open < 0 ? '\0' : _source[open + 1];
            var sign = open >= 0 && open + 2 < _source.Length ? _source[open + 2] : '\0';
            AddText(open < 0 ? _source[_at..] : Strip(_source[_at..open], kind, sign, lineStarts));
            if (open < 0)
            {
                break;
            }
            MoveTo(open + (sign is '-' or '+' ? 3 : 2));
            switch (kind)
            {
                case '#': SkipComment(); break;
                case '%' when IsTag("raw", out var bodyAt): ReadRaw(bodyAt); break;
                case '%': ReadCode(TokenKind.TagStart, TokenKind.TagEnd, "%}"); break;
                default: ReadCode(TokenKind.PrintStart, TokenKind.PrintEnd, "}}"); break;
            }
            lineStarts = _at > 0 && _source[_at - 1] == '\n';
        }
        Add(TokenKind.End, "");
    }

    private int FindOpening()
    {
        for (var at = _source.IndexOf('{', _at); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '%' or '{' or '#')
            {
                return at;
            }
        }
        return -1;
    }

    private static string Strip(string text, char kind, char sign, bool lineStarts)
    {
        if (sign == '-')
        {
            return text.TrimEnd();
        }
        var lineAt = text.LastIndexOf('\n') + 1;
        return sign != '+' && kind != '{' && (lineAt > 0 || lineStarts) && string.IsNullOrWhiteSpace(text[lineAt..]) ? text[..lineAt] : text;
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("a comment does not end");
        }
        EndTag(end, end > _at ? _source[end - 1] : '\0');
    }

    /// <summary>Whether the tag just opened is this one, without arguments.</summary>
    private bool IsTag(string name, out int bodyAt)
    {
        var at = SkipSpace(_at);
        bodyAt = at + name.Length;
        if (string.CompareOrdinal(_source, at, name, 0, name.Length) != 0)
        {
            return false;
        }
        bodyAt = SkipSpace(bodyAt);
        return TagEndsAt(bodyAt, "%}");
    }

    private void ReadRaw(int bodyAt)
    {
        EndTag(bodyAt + (_source[bodyAt] is '-' or '+' ? 1 : 0), _source[bodyAt]);
        for (var open = _source.IndexOf("{%", _at, StringComparison.Ordinal); open >= 0; open = _source.IndexOf("{%", open + 2, StringComparison.Ordinal))
        {
            var sign = open + 2 < _source.Length ? _source[open + 2] : '\0';
            var start = _at;
            var line = (_line, _lineAt);
            MoveTo(open + (sign is '-' or '+' ? 3 : 2));
            if (IsTag("endraw", out var end))
            {
                AddText(Strip(_source[start..open], '%', sign, lineStarts: false));
                EndTag(end + (_source[end] is '-' or '+' ? 1 : 0), _source[end]);
                return;
            }
            (_line, _lineAt) = line;
            _at = start;
        }
        throw Error("a raw block does not end");
    }

    private void ReadCode(TokenKind start, TokenKind end, string closing)
    {
        Add(start, "");
        var open = new Stack<char>();
        while (true)
        {
            MoveTo(SkipSpace(_at));
            if (_at >= _source.Length)
            {
                throw Error("a tag does not end");
            }
            if (open.Count == 0 && TagEndsAt(_at, closing))
            {
                Add(end, "");
                EndTag(_at + (_source[_at] is '-' or '+' ? 1 : 0), _source[_at]);
                return;
            }
            ReadToken(open);
        }
    }

    private bool TagEndsAt(int at, string closing)
    {
        var sign = at < _source.Length && (_source[at] == '-' || (_source[at] == '+' && closing == "%}")) ? 1 : 0;
        return string.CompareOrdinal(_source, at + sign, closing, 0, 2) == 0;
    }

    /// <summary>Leaves a tag at its closing marks, with the white space after it that goes too.</summary>
    private void EndTag(int closing, char sign)
    {
        var isPrint = _source[closing] == '}';
        var at = closing + 2;
        if (sign == '-')
        {
            at = SkipSpace(at);
        }
        else if (sign != '+' && !isPrint && at < _source.Length && _source[at] == '\n')
        {
            at++;
        }
        MoveTo(at);
    }

    private void ReadToken(Stack<char> open)
    {
        var c = _source[_at];
        if (c is '"' or '\'')
        {
            var text = StringLiteral.Read(_source, _at, out var end) ?? throw Error("a string does not end");
            AddAndMove(TokenKind.String, text, end);
        }
        else if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (char.IsLetter(c) || c == '_')
        {
            var end = _at;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
            {
                end++;
            }
            AddAndMove(TokenKind.Name, _source[_at..end], end);
        }
        else
        {
            var text = s_operators.FirstOrDefault(o => string.CompareOrdinal(_source, _at, o, 0, o.Length) == 0) ?? throw Error($"unexpected character '{c}'");
            Balance(open, text[0]);
            AddAndMove(TokenKind.Operator, text, _at + text.Length);
        }
    }

    private void Balance(Stack<char> open, char c)
    {
        if (c is '(' or '[' or '{')
        {
            open.Push(c == '(' ? ')' : (char)(c + 2));
        }
        else if (c is ')' or ']' or '}' && (!open.TryPop(out var expected) || expected != c))
        {
            throw Error($"unexpected '{c}'");
        }
    }

    private void ReadNumber()
    {
        var end = Digits(_at);
        var isFloat = false;
        if (end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            isFloat = true;
            end = Digits(end + 1);
        }
        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            var exponent = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                isFloat = true;
                end = Digits(exponent);
            }
        }
        AddAndMove(isFloat ? TokenKind.Float : TokenKind.Integer, _source[_at..end].Replace("_", "", StringComparison.Ordinal), end);
    }

    private int Digits(int at)
    {
        while (at < _source.Length && (char.IsAsciiDigit(_source[at]) || (_source[at] == '_' && at + 1 < _source.Length && char.IsAsciiDigit(_source[at + 1]))))
        {
            at++;
        }
        return at;
    }

    private int SkipSpace(int at)
    {
        while (at < _source.Length && char.IsWhiteSpace(_source[at]))
        {
            at++;
        }
        return at;
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
        {
            Add(TokenKind.Text, text);
        }
    }

    private void AddAndMove(TokenKind kind, string text, int end)
    {
        Add(kind, text);
        MoveTo(end);
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void MoveTo(int at)
    {
        _line += _source.AsSpan(_lineAt, at - _lineAt).Count('\n');
        _lineAt = at;
        _at = at;
    }

    private JinjaException Error(string what) => new(string.Create(CultureInfo.InvariantCulture, $"line {_line}: {what}"));
}
