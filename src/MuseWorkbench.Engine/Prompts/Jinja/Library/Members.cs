using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>What stands behind <c>value.name</c> and <c>value[key]</c>. What is not there is undefined; a member of what is undefined is an error.</summary>
internal static class Members
{
    /// <summary>A method first, then a key, as Jinja looks for <c>value.name</c>.</summary>
    public static JinjaValue Get(JinjaValue target, string name, JinjaBudget budget) =>
        Method(target, name, budget) ?? (target as JinjaMap)?.Find(name) ?? Missing(target, name);

    /// <summary>A key or number first, then a method, as Jinja looks for <c>value[key]</c>.</summary>
    public static JinjaValue Item(JinjaValue target, JinjaValue key, JinjaBudget budget)
    {
        if (target is JinjaUndefined undefined)
        {
            throw undefined.Error;
        }
        var found = target is JinjaMap map ? map.Find(key) : Operators.IsInteger(key, out var index) ? Sequences.At(target, index) : null;
        return found ?? (key is JinjaString name ? Method(target, name.Text, budget) ?? Missing(target, name.Text) : Missing(target, "item"));
    }

    /// <summary>A path such as <c>function.name</c> or <c>0.role</c>, as filters take it; the default stands in at every step.</summary>
    public static JinjaValue Path(JinjaValue target, JinjaValue path, JinjaBudget budget, JinjaValue? otherwise = null)
    {
        if (path is not JinjaString text)
        {
            return Defined(Item(target, path, budget));
        }
        foreach (var part in text.Text.Split('.'))
        {
            target = Defined(Item(target, long.TryParse(part, out var index) ? new JinjaInteger(index) : new JinjaString(part), budget));
        }
        return target;

        JinjaValue Defined(JinjaValue value) => value is JinjaUndefined && otherwise is not null ? otherwise : value;
    }

    private static JinjaValue? Method(JinjaValue target, string name, JinjaBudget budget) => target switch
    {
        JinjaUndefined undefined => throw undefined.Error,
        JinjaString text => TextMethods.Find(text, name, budget),
        JinjaMap map => MapMethods.Find(map, name, budget),
        JinjaList list => ListMethods.Find(list, name, budget),
        JinjaLoop loop => loop.Find(name),
        JinjaNamespace space => space.Members.GetValueOrDefault(name),
        JinjaFunction function when name == "name" => new JinjaString(function.Name),
        _ => null,
    };

    private static JinjaUndefined Missing(JinjaValue target, string name) => new($"'{target.Kind} object' has no attribute '{name}': it");
}
