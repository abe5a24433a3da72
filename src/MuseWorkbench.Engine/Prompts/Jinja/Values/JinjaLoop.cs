namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>What <c>loop</c> is in one round of a loop.</summary>
/// <param name="items">All items of the loop.</param>
/// <param name="index">This round's, from 0.</param>
/// <param name="depth">Loops around it, from 0.</param>
internal sealed class JinjaLoop(IReadOnlyList<JinjaValue> items, int index, int depth) : JinjaValue
{
    public override string Kind => "LoopContext";

    public int Depth => depth;

    public JinjaValue? Find(string name) => name switch
    {
        "index" => new JinjaInteger(index + 1),
        "index0" => new JinjaInteger(index),
        "revindex" => new JinjaInteger(items.Count - index),
        "revindex0" => new JinjaInteger(items.Count - index - 1),
        "first" => JinjaBool.Of(index == 0),
        "last" => JinjaBool.Of(index == items.Count - 1),
        "length" => new JinjaInteger(items.Count),
        "depth" => new JinjaInteger(depth + 1),
        "depth0" => new JinjaInteger(depth),
        "previtem" => index > 0 ? items[index - 1] : new JinjaUndefined("there is no previous item: it"),
        "nextitem" => index + 1 < items.Count ? items[index + 1] : new JinjaUndefined("there is no next item: it"),
        "cycle" => new JinjaFunction(name, a => a.Positional.Count > 0 ? a.Positional[index % a.Positional.Count] : throw new JinjaException("no items for cycling given")),
        _ => null,
    };
}
