using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Functions every template can call: Jinja's, and the two that chat templates add.</summary>
internal static class Globals
{
    public static void Define(Scope scope, JinjaBudget budget)
    {
        Add("range", a => Range(a, budget));
        Add("dict", a => new JinjaMap([.. (a.Find(0, "") as JinjaMap)?.Entries ?? [], .. Named(a)]));
        Add("namespace", Namespace);
        Add("raise_exception", a => throw new JinjaRaisedException(PythonText.Of(a.Require(0, "message"), budget).Text));
        Add("strftime_now", a => new JinjaString(Strftime.Format(budget.Time.GetLocalNow(), a.RequireText(0, "format").Text)));

        void Add(string name, Func<JinjaArguments, JinjaValue> body) => scope.Set(name, new JinjaFunction(name, body));
    }

    private static JinjaList Range(JinjaArguments arguments, JinjaBudget budget)
    {
        var first = arguments.FindInteger(0, "start") ?? throw new JinjaException("range needs a number");
        var second = arguments.FindInteger(1, "stop");
        var (start, stop) = second is null ? (0, first) : (first, second.Value);
        var step = arguments.FindInteger(2, "step") ?? 1;
        if (step == 0)
        {
            throw new JinjaException("range() arg 3 must not be zero");
        }
        var count = step > 0 ? Math.Ceiling(((double)stop - start) / step) : Math.Ceiling(((double)start - stop) / -(double)step);
        if (count > JinjaLimits.RangeLength)
        {
            throw new JinjaLimitException($"The chat template steps through a range of more than {JinjaLimits.RangeLength} numbers.");
        }
        budget.Items((long)Math.Max(count, 0));
        return new JinjaList([.. Enumerable.Range(0, (int)Math.Max(count, 0)).Select(i => new JinjaInteger(start + (i * step)))]);
    }

    private static JinjaNamespace Namespace(JinjaArguments arguments)
    {
        var created = new JinjaNamespace();
        foreach (var (key, value) in (arguments.Find(0, "") as JinjaMap)?.Entries ?? [])
        {
            created.Members[key is JinjaString name ? name.Text : throw new JinjaException("a namespace's names are texts")] = value;
        }
        foreach (var (name, value) in arguments.Named)
        {
            created.Members[name] = value;
        }
        return created;
    }

    private static IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> Named(JinjaArguments arguments) =>
        arguments.Named.Select(n => new KeyValuePair<JinjaValue, JinjaValue>(new JinjaString(n.Key), n.Value));
}
