using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Methods of mappings.</summary>
internal static class MapMethods
{
    public static JinjaFunction? Find(JinjaMap map, string name, JinjaBudget budget) => name switch
    {
        "items" => new(name, _ => Items(map, budget)),
        "keys" => new(name, _ => new JinjaList(Sequences.Of(map, budget))),
        "values" => new(name, _ => new JinjaList([.. map.Entries.Select(e => e.Value)])),
        "get" => new(name, a => map.Find(a.Require(0, "key")) ?? a.Find(1, "default") ?? JinjaNone.Value),
        "copy" => new(name, _ => map),
        "update" or "pop" or "popitem" or "setdefault" or "clear" => new(name, _ => throw ListMethods.Unchangeable(name)),
        _ => null,
    };

    /// <summary>Keys and values in pairs.</summary>
    public static JinjaList Items(JinjaMap map, JinjaBudget budget)
    {
        budget.Items(map.Entries.Count * 3L);
        return new([.. map.Entries.Select(e => new JinjaList([e.Key, e.Value], isTuple: true))]);
    }
}
