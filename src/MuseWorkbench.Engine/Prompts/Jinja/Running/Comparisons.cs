using MuseWorkbench.Engine.Prompts.Jinja.Library;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Running;

/// <summary>Equality, order and membership as Python has them. Texts are compared by their characters, wherever they come from.</summary>
internal static class Comparisons
{
    public static bool Holds(string symbol, JinjaValue left, JinjaValue right, JinjaBudget budget) => symbol switch
    {
        "==" => AreEqual(left, right, budget),
        "!=" => !AreEqual(left, right, budget),
        "in" => Contains(right, left, budget),
        "not in" => !Contains(right, left, budget),
        "<" => Order(left, right, symbol, budget) < 0,
        "<=" => Order(left, right, symbol, budget) <= 0,
        ">" => Order(left, right, symbol, budget) > 0,
        _ => Order(left, right, symbol, budget) >= 0,
    };

    public static bool AreEqual(JinjaValue left, JinjaValue right, JinjaBudget budget)
    {
        budget.Step();
        return (left, right) switch
        {
            (JinjaString a, JinjaString b) => a.Text == b.Text,
            (JinjaList a, JinjaList b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, budget)),
            (JinjaMap a, JinjaMap b) => a.Entries.Count == b.Entries.Count && a.Entries.All(e => b.Find(e.Key) is { } other && AreEqual(e.Value, other, budget)),
            (JinjaUndefined, JinjaUndefined) => true,
            _ when Operators.IsInteger(left, out var a) && Operators.IsInteger(right, out var b) => a == b,
            _ when Operators.IsNumber(left, out var a) && Operators.IsNumber(right, out var b) => a == b,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <exception cref="JinjaException">They have no order.</exception>
    public static int Order(JinjaValue left, JinjaValue right, string symbol, JinjaBudget budget)
    {
        budget.Step();
        switch (left, right)
        {
            case (JinjaUndefined undefined, _): throw undefined.Error;
            case (_, JinjaUndefined undefined): throw undefined.Error;
            case (JinjaString a, JinjaString b): return string.CompareOrdinal(a.Text, b.Text);
            case (JinjaList a, JinjaList b) when a.IsTuple == b.IsTuple:
                var at = Enumerable.Range(0, Math.Min(a.Items.Count, b.Items.Count)).FirstOrDefault(i => !AreEqual(a.Items[i], b.Items[i], budget), -1);
                return at < 0 ? a.Items.Count.CompareTo(b.Items.Count) : Order(a.Items[at], b.Items[at], symbol, budget);
            case var _ when Operators.IsInteger(left, out var a) && Operators.IsInteger(right, out var b): return a.CompareTo(b);
            case var _ when Operators.IsNumber(left, out var a) && Operators.IsNumber(right, out var b): return a.CompareTo(b);
            default: throw new JinjaException($"'{symbol}' not supported between instances of '{left.Kind}' and '{right.Kind}'");
        }
    }

    public static bool Contains(JinjaValue container, JinjaValue item, JinjaBudget budget) => (container, item) switch
    {
        (JinjaString text, JinjaString part) => text.Text.Contains(part.Text, StringComparison.Ordinal),
        (JinjaString, _) => throw new JinjaException($"'in <string>' requires string as left operand, not {item.Kind}"),
        (JinjaMap map, _) => JinjaMap.KeyOf(item) is null ? throw new JinjaException($"unhashable type: '{item.Kind}'") : map.Find(item) is not null,
        _ => Sequences.Of(container, budget).Any(candidate => AreEqual(candidate, item, budget)),
    };
}
