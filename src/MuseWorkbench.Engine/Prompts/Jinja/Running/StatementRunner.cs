using MuseWorkbench.Engine.Prompts.Jinja.Library;
using MuseWorkbench.Engine.Prompts.Jinja.Syntax;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Running;

/// <summary>Runs statements, writing what they print.</summary>
internal sealed class StatementRunner(JinjaBudget budget)
{
    private readonly ExpressionEvaluator _expressions = new(budget);

    /// <summary>How a body ended: at its end, or by a jump that belongs to the loop around it.</summary>
    private enum Flow { Next, Break, Continue }

    public void Run(IReadOnlyList<Statement> body, Scope scope, JinjaStringBuilder output) => RunBody(body, scope, output);

    private Flow RunBody(IReadOnlyList<Statement> body, Scope scope, JinjaStringBuilder output)
    {
        foreach (var statement in body)
        {
            try
            {
                var flow = RunOne(statement, scope, output);
                if (flow != Flow.Next)
                {
                    return flow;
                }
            }
            catch (JinjaException exception) when (exception.Line == 0)
            {
                exception.Line = statement.Line;
                throw;
            }
        }
        return Flow.Next;
    }

    private Flow RunOne(Statement statement, Scope scope, JinjaStringBuilder output)
    {
        budget.Step();
        switch (statement)
        {
            case Text text: Write(new JinjaString(text.Value), output); return Flow.Next;
            case Print print: Write(PythonText.Of(_expressions.Evaluate(print.Value, scope), budget), output); return Flow.Next;
            case If branches: return RunIf(branches, scope, output);
            case For loop: return RunFor(loop, scope, output);
            case Set set: Assign(set, scope); return Flow.Next;
            case SetBlock set:
                JinjaValue rendered = RenderInner(set.Body, scope);
                Assign(set.Target, set.Filter is null ? rendered : _expressions.ApplyFilters(set.Filter, rendered, scope), scope);
                return Flow.Next;
            case FilterBlock block:
                Write(PythonText.Of(_expressions.ApplyFilters(block.Filter, RenderInner(block.Body, scope), scope), budget), output);
                return Flow.Next;
            case With with: return RunWith(with, scope, output);
            case Group group: return RunBody(group.Body, new Scope(scope), output);
            case Macro macro: scope.Set(macro.Id, Define(macro, scope)); return Flow.Next;
            case CallBlock block:
                var arguments = _expressions.Evaluate(block.Call.Arguments, scope);
                var withCaller = arguments with { Named = [.. arguments.Named, KeyValuePair.Create("caller", (JinjaValue)Define(block.Caller, scope))] };
                Write(PythonText.Of(ExpressionEvaluator.Call(_expressions.Evaluate(block.Call.Target, scope), withCaller), budget), output);
                return Flow.Next;
            case Do action: _expressions.Evaluate(action.Value, scope); return Flow.Next;
            case Break: return Flow.Break;
            case Continue: return Flow.Continue;
            default: throw new JinjaException($"unknown statement {statement.GetType().Name}");
        }
    }

    private Flow RunIf(If branches, Scope scope, JinjaStringBuilder output)
    {
        foreach (var (condition, body) in branches.Branches)
        {
            if (_expressions.Evaluate(condition, scope).IsTrue)
            {
                return RunBody(body, scope, output);
            }
        }
        return RunBody(branches.Else, scope, output);
    }

    private Flow RunFor(For loop, Scope scope, JinjaStringBuilder output)
    {
        var items = Sequences.Of(_expressions.Evaluate(loop.Items, scope), budget);
        if (loop.Condition is { } condition)
        {
            items = [.. items.Where(item => _expressions.Evaluate(condition, Round(loop, item, scope)).IsTrue)];
        }
        if (items.Count == 0)
        {
            return RunBody(loop.Else, scope, output);
        }
        var depth = scope.Find("loop") is JinjaLoop around ? around.Depth + 1 : 0;
        for (var i = 0; i < items.Count; i++)
        {
            // Each round has variables of its own: what it sets is gone in the next.
            var round = Round(loop, items[i], scope);
            round.Set("loop", new JinjaLoop(items, i, depth));
            if (RunBody(loop.Body, round, output) == Flow.Break)
            {
                break;
            }
        }
        return Flow.Next;
    }

    private Scope Round(For loop, JinjaValue item, Scope scope)
    {
        budget.Step();
        var round = new Scope(scope);
        Unpack(loop.Targets.Count, item, (i, value) => round.Set(loop.Targets[i], value));
        return round;
    }

    private Flow RunWith(With with, Scope scope, JinjaStringBuilder output)
    {
        var inner = new Scope(scope);
        foreach (var (name, value) in with.Names)
        {
            inner.Set(name, _expressions.Evaluate(value, scope));
        }
        return RunBody(with.Body, inner, output);
    }

    private void Assign(Set set, Scope scope) =>
        Unpack(set.Targets.Count, _expressions.Evaluate(set.Value, scope), (i, value) => Assign(set.Targets[i], value, scope));

    private static void Assign(Target target, JinjaValue value, Scope scope)
    {
        if (target.Member is null)
        {
            scope.Set(target.Id, value);
        }
        else if (scope.Find(target.Id) is JinjaNamespace space)
        {
            space.Members[target.Member] = value;
        }
        else
        {
            throw new JinjaException("cannot assign attribute on non-namespace object");
        }
    }

    private void Unpack(int count, JinjaValue value, Action<int, JinjaValue> assign)
    {
        if (count == 1)
        {
            assign(0, value);
            return;
        }
        var items = Sequences.Of(value, budget);
        if (items.Count != count)
        {
            throw new JinjaException($"expected {count} values to unpack, found {items.Count}");
        }
        for (var i = 0; i < count; i++)
        {
            assign(i, items[i]);
        }
    }

    private JinjaFunction Define(Macro macro, Scope scope) => new(macro.Id, arguments =>
    {
        budget.Step();
        var inner = new Scope(scope);
        var taken = arguments.Named.Select(n => n.Key).Where(name => name != "caller" && macro.Parameters.All(p => p.Id != name)).ToArray();
        for (var i = 0; i < macro.Parameters.Count; i++)
        {
            var parameter = macro.Parameters[i];
            inner.Set(parameter.Id, arguments.Find(i, parameter.Id)
                ?? (parameter.Default is null ? new JinjaUndefined($"parameter '{parameter.Id}' was not provided: it") : _expressions.Evaluate(parameter.Default, inner)));
        }
        inner.Set("varargs", new JinjaList([.. arguments.Positional.Skip(macro.Parameters.Count)], isTuple: true));
        inner.Set("kwargs", new JinjaMap(taken.Select(name => new KeyValuePair<JinjaValue, JinjaValue>(new JinjaString(name), arguments.Find(int.MaxValue, name)!))));
        if (arguments.Find(int.MaxValue, "caller") is { } caller)
        {
            inner.Set("caller", caller);
        }
        var output = new JinjaStringBuilder();
        RunBody(macro.Body, inner, output);
        return output.ToText();
    });

    private JinjaString RenderInner(IReadOnlyList<Statement> body, Scope scope)
    {
        var output = new JinjaStringBuilder();
        RunBody(body, new Scope(scope), output);
        return output.ToText();
    }

    private void Write(JinjaString text, JinjaStringBuilder output)
    {
        budget.Write(output.Length, text.Text.Length);
        output.Append(text);
    }
}
