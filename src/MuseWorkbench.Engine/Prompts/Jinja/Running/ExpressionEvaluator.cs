using MuseWorkbench.Engine.Prompts.Jinja.Library;
using MuseWorkbench.Engine.Prompts.Jinja.Syntax;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Running;

/// <summary>Values of expressions.</summary>
internal sealed class ExpressionEvaluator(JinjaBudget budget)
{
    public JinjaValue Evaluate(Expression expression, Scope scope)
    {
        budget.Step();
        return expression switch
        {
            Literal literal => literal.Value,
            Name name => scope.Find(name.Id) ?? new JinjaUndefined($"'{name.Id}'"),
            Member member => Members.Get(Evaluate(member.Target, scope), member.Id, budget),
            Item item => Members.Item(Evaluate(item.Target, scope), Evaluate(item.Key, scope), budget),
            Slice slice => Sequences.Slice(Evaluate(slice.Target, scope), Bound(slice.Start, scope), Bound(slice.Stop, scope), Bound(slice.Step, scope) ?? 1, budget),
            Call call => Call(Evaluate(call.Target, scope), Evaluate(call.Arguments, scope)),
            Filter filter => Filters.Apply(filter.Id, Evaluate(filter.Arguments, scope, Evaluate(filter.Target!, scope)), budget),
            Test test => JinjaBool.Of(Tests.Apply(test.Id, Evaluate(test.Arguments, scope, Evaluate(test.Target, scope)), budget)),
            Not not => JinjaBool.Of(!Evaluate(not.Operand, scope).IsTrue),
            Sign sign => Operators.Sign(Evaluate(sign.Operand, scope), sign.Negative),
            Binary binary => Operators.Apply(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope), budget),
            Concatenation texts => Operators.Join(budget, [.. texts.Parts.Select(part => PythonText.Of(Evaluate(part, scope), budget))]),
            Comparison comparison => JinjaBool.Of(Compare(comparison, scope)),
            Logic logic => Evaluate(logic.Left, scope) is var left && left.IsTrue == logic.IsAnd ? Evaluate(logic.Right, scope) : left,
            Conditional conditional => Evaluate(conditional.Condition, scope).IsTrue ? Evaluate(conditional.Then, scope)
                : conditional.Else is null ? new JinjaUndefined("the value of an 'if' without 'else'") : Evaluate(conditional.Else, scope),
            ListLiteral list => new JinjaList(EvaluateAll(list.Items, scope), list.IsTuple),
            MapLiteral map => new JinjaMap(map.Entries.Select(e => new KeyValuePair<JinjaValue, JinjaValue>(Evaluate(e.Key, scope), Evaluate(e.Value, scope)))),
            _ => throw new JinjaException($"unknown expression {expression.GetType().Name}"),
        };
    }

    /// <summary>Filters of a tag, applied to what the tag encloses.</summary>
    public JinjaValue ApplyFilters(Filter filter, JinjaValue subject, Scope scope)
    {
        var inner = filter.Target is Filter before ? ApplyFilters(before, subject, scope) : subject;
        return Filters.Apply(filter.Id, Evaluate(filter.Arguments, scope, inner), budget);
    }

    public JinjaArguments Evaluate(Arguments arguments, Scope scope, params ReadOnlySpan<JinjaValue> before)
    {
        var positional = new List<JinjaValue>([.. before, .. EvaluateAll(arguments.Positional, scope)]);
        var named = arguments.Named.Select(n => KeyValuePair.Create(n.Name, Evaluate(n.Value, scope))).ToList();
        if (arguments.MorePositional is { } more)
        {
            positional.AddRange(Sequences.Of(Evaluate(more, scope), budget));
        }
        if (arguments.MoreNamed is { } pairs)
        {
            var map = Evaluate(pairs, scope) as JinjaMap ?? throw new JinjaException("the argument after ** must be a mapping");
            named.AddRange(map.Entries.Select(e => KeyValuePair.Create(e.Key is JinjaString key ? key.Text : throw new JinjaException("keywords must be strings"), e.Value)));
        }
        return new JinjaArguments(positional, named);
    }

    public static JinjaValue Call(JinjaValue callee, JinjaArguments arguments) => callee switch
    {
        JinjaFunction function => function.Call(arguments),
        JinjaUndefined undefined => throw undefined.Error,
        _ => throw new JinjaException($"'{callee.Kind}' object is not callable"),
    };

    private List<JinjaValue> EvaluateAll(IReadOnlyList<Expression> expressions, Scope scope)
    {
        budget.Items(expressions.Count);
        return [.. expressions.Select(e => Evaluate(e, scope))];
    }

    private long? Bound(Expression? expression, Scope scope) => expression is null ? null : Evaluate(expression, scope) switch
    {
        JinjaNone => null,
        var value when Operators.IsInteger(value, out var whole) => whole,
        var other => throw new JinjaException($"slice indices must be integers or None, not {other.Kind}"),
    };

    private bool Compare(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (symbol, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!Comparisons.Holds(symbol, left, right, budget))
            {
                return false;
            }
            left = right;
        }
        return true;
    }
}
