namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>Reads a template into statements.</summary>
internal sealed class Parser
{
    private static readonly string[] s_groups = ["generation"];

    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private Parser(string template)
    {
        _tokens = new TokenReader(Lexer.Read(template));
        _expressions = new ExpressionParser(_tokens);
    }

    /// <exception cref="JinjaException">It is no template this interpreter can read; the message names the line.</exception>
    public static IReadOnlyList<Statement> Parse(string template) => new Parser(template).ParseBody();

    /// <summary>Statements up to a tag that begins with one of <paramref name="ends"/>, or to the template's end where there are none.</summary>
    private List<Statement> ParseBody(params string[] ends) => _tokens.Nested(() =>
    {
        var body = new List<Statement>();
        while (true)
        {
            var token = _tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Text:
                    body.Add(new Text(token.Line, token.Text));
                    break;
                case TokenKind.PrintStart:
                    body.Add(new Print(token.Line, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.PrintEnd);
                    break;
                case TokenKind.TagStart when ends.Any(_tokens.Current.Is):
                    return body;
                case TokenKind.TagStart:
                    body.Add(ParseTag(token.Line));
                    break;
                case TokenKind.End when ends.Length == 0:
                    return body;
                default:
                    throw _tokens.Error($"expected '{ends[0]}', found the end of the template");
            }
        }
    });

    private Statement ParseTag(int line)
    {
        var tag = _tokens.Expect(TokenKind.Name).Text;
        switch (tag)
        {
            case "if": return ParseIf(line);
            case "for": return ParseFor(line);
            case "set": return ParseSet(line);
            case "macro": return ParseMacro(line, _tokens.Expect(TokenKind.Name).Text, "endmacro");
            case "call": return ParseCall(line);
            case "filter": return ParseFilterBlock(line);
            case "with": return ParseWith(line);
            case "do":
                var value = _expressions.ParseTuple();
                EndTag();
                return new Do(line, value);
            case "break" or "continue" when _loops > 0:
                EndTag();
                return tag == "break" ? new Break(line) : new Continue(line);
            case var _ when s_groups.Contains(tag):
                EndTag();
                return new Group(line, ParseBlock($"end{tag}"));
            default:
                throw _tokens.Error($"unknown tag '{tag}'");
        }
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        do
        {
            var condition = _expressions.ParseTuple();
            EndTag();
            branches.Add((condition, ParseBody("endif", "elif", "else")));
        }
        while (_tokens.TakeIf("elif"));
        return new If(line, branches, ParseElse("endif"));
    }

    private For ParseFor(int line)
    {
        var targets = new List<string>();
        var inParentheses = _tokens.TakeIf("(");
        do
        {
            targets.Add(_tokens.Expect(TokenKind.Name).Text);
        }
        while (_tokens.TakeIf(","));
        if (inParentheses)
        {
            _tokens.Expect(")");
        }
        _tokens.Expect("in");
        var items = _expressions.ParseTuple(withCondition: false);
        var condition = _tokens.TakeIf("if") ? _expressions.Parse() : null;
        EndTag();
        _loops++;
        var body = ParseBody("endfor", "else");
        _loops--;
        return new For(line, targets, items, condition, body, ParseElse("endfor"));
    }

    private Statement ParseSet(int line)
    {
        var targets = new List<Target>();
        do
        {
            var name = _tokens.Expect(TokenKind.Name).Text;
            targets.Add(new Target(name, _tokens.TakeIf(".") ? _tokens.Expect(TokenKind.Name).Text : null));
        }
        while (_tokens.TakeIf(","));
        if (_tokens.TakeIf("="))
        {
            var value = _expressions.ParseTuple();
            EndTag();
            return new Set(line, targets, value);
        }
        if (targets.Count > 1)
        {
            throw _tokens.Unexpected();
        }
        var filter = _tokens.TakeIf("|") ? _expressions.ParseFilters() : null;
        EndTag();
        return new SetBlock(line, targets[0], filter, ParseBlock("endset"));
    }

    private Macro ParseMacro(int line, string name, string end)
    {
        var parameters = _tokens.Current.Is("(") ? ParseParameters() : [];
        EndTag();
        var loops = _loops;
        _loops = 0;
        var body = ParseBlock(end);
        _loops = loops;
        return new Macro(line, name, parameters, body);
    }

    private List<Parameter> ParseParameters()
    {
        var parameters = new List<Parameter>();
        _tokens.Expect("(");
        while (!_tokens.TakeIf(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.Expect(",");
            }
            var name = _tokens.Expect(TokenKind.Name).Text;
            var value = _tokens.TakeIf("=") ? _expressions.Parse() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Default is not null)
            {
                throw _tokens.Error("a parameter without default follows one with");
            }
            parameters.Add(new Parameter(name, value));
        }
        return parameters;
    }

    private CallBlock ParseCall(int line)
    {
        var parameters = _tokens.Current.Is("(") ? ParseParameters() : [];
        if (_expressions.Parse() is not Call call)
        {
            throw _tokens.Error("expected a call");
        }
        EndTag();
        var loops = _loops;
        _loops = 0;
        var body = ParseBlock("endcall");
        _loops = loops;
        return new CallBlock(line, call, new Macro(line, "caller", parameters, body));
    }

    private FilterBlock ParseFilterBlock(int line)
    {
        var filter = _expressions.ParseFilters();
        EndTag();
        return new FilterBlock(line, filter, ParseBlock("endfilter"));
    }

    private With ParseWith(int line)
    {
        var names = new List<(string, Expression)>();
        while (_tokens.Current.Kind != TokenKind.TagEnd)
        {
            if (names.Count > 0)
            {
                _tokens.Expect(",");
            }
            var name = _tokens.Expect(TokenKind.Name).Text;
            _tokens.Expect("=");
            names.Add((name, _expressions.Parse()));
        }
        EndTag();
        return new With(line, names, ParseBlock("endwith"));
    }

    private List<Statement> ParseElse(string end)
    {
        if (_tokens.TakeIf("else"))
        {
            EndTag();
            return ParseBlock(end);
        }
        _tokens.Expect(end);
        EndTag();
        return [];
    }

    private List<Statement> ParseBlock(string end)
    {
        var body = ParseBody(end);
        _tokens.Expect(end);
        EndTag();
        return body;
    }

    private void EndTag() => _tokens.Expect(TokenKind.TagEnd);
}
