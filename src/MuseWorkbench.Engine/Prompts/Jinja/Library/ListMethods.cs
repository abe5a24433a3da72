using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Methods of lists. Those that would change one are refused, as in the sandbox that chat templates are written for.</summary>
internal static class ListMethods
{
    public static JinjaFunction? Find(JinjaList list, string name, JinjaBudget budget) => name switch
    {
        "index" => new(name, a => new JinjaInteger(IndexOf(list, a.Require(0, "value"), budget) is var at and >= 0 ? at : throw new JinjaException("the value is not in the list"))),
        "count" => new(name, a => new JinjaInteger(list.Items.Count(i => Comparisons.AreEqual(i, a.Require(0, "value"), budget)))),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" when !list.IsTuple => new(name, _ => throw Unchangeable(name)),
        _ => null,
    };

    public static JinjaException Unchangeable(string method) => new($"values can't be changed: use 'set' and '+' instead of '{method}'");

    private static int IndexOf(JinjaList list, JinjaValue value, JinjaBudget budget)
    {
        var at = 0;
        while (at < list.Items.Count && !Comparisons.AreEqual(list.Items[at], value, budget))
        {
            at++;
        }
        return at < list.Items.Count ? at : -1;
    }
}
