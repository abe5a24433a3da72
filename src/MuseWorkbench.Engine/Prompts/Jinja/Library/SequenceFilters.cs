using System.Runtime.ExceptionServices;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Filters over lists.</summary>
internal static class SequenceFilters
{
    public static JinjaString Join(JinjaBudget budget, JinjaArguments arguments)
    {
        var between = PythonText.Of(arguments.Find(1, "d") ?? JinjaString.Empty, budget);
        var attribute = arguments.Find(2, "attribute");
        var texts = new List<JinjaString>();
        foreach (var item in Items(budget, arguments))
        {
            if (texts.Count > 0)
            {
                texts.Add(between);
            }
            texts.Add(PythonText.Of(attribute is null ? item : Members.Path(item, attribute, budget), budget));
        }
        return Operators.Join(budget, [.. texts]);
    }

    public static JinjaValue Map(JinjaBudget budget, JinjaArguments arguments)
    {
        if (arguments.Positional.Count > 1)
        {
            var rest = arguments.Skip(2);
            var filter = arguments.RequireText(1, "filter").Text;
            return Each(budget, arguments, item => Filters.Apply(filter, rest with { Positional = [item, .. rest.Positional] }, budget));
        }
        var attribute = arguments.Require(int.MaxValue, "attribute");
        var otherwise = arguments.Find(int.MaxValue, "default");
        return Each(budget, arguments, item => Members.Path(item, attribute, budget, otherwise));
    }

    /// <summary>Keeps the items for which a test, or their truth, is as wanted.</summary>
    public static JinjaList Select(JinjaBudget budget, JinjaArguments arguments, bool wanted) => Where(budget, arguments, 1, item => item, wanted);

    /// <summary>Keeps the items with a member for which a test, or its truth, is as wanted.</summary>
    public static JinjaList SelectBy(JinjaBudget budget, JinjaArguments arguments, bool wanted)
    {
        var attribute = arguments.Require(1, "attribute");
        return Where(budget, arguments, 2, item => Members.Path(item, attribute, budget), wanted);
    }

    public static JinjaValue Reverse(JinjaBudget budget, JinjaArguments arguments) => arguments.Require(0, "value") switch
    {
        JinjaString text => Sequences.Slice(text, null, null, -1, budget),
        var value => new JinjaList([.. Sequences.Of(value, budget).Reverse()]),
    };

    public static JinjaList Sort(JinjaBudget budget, JinjaArguments arguments)
    {
        var attribute = arguments.Find(3, "attribute");
        return new JinjaList(Sorted(Items(budget, arguments), Key, arguments.IsTrue(1, "reverse"), budget));

        JinjaValue Key(JinjaValue item) => Fold(attribute is null ? item : Members.Path(item, attribute, budget), arguments.IsTrue(2, "case_sensitive"));
    }

    public static JinjaList SortMap(JinjaBudget budget, JinjaArguments arguments)
    {
        var map = arguments.Require(0, "value") as JinjaMap ?? throw new JinjaException("dictsort needs a mapping");
        var part = (arguments.FindText(2, "by")?.Text ?? "key") switch { "key" => 0, "value" => 1, _ => throw new JinjaException("You can only sort by either \"key\" or \"value\"") };
        return new JinjaList(Sorted(
            MapMethods.Items(map, budget).Items, item => Fold(((JinjaList)item).Items[part], arguments.IsTrue(1, "case_sensitive")), arguments.IsTrue(3, "reverse"), budget));
    }

    public static JinjaList Unique(JinjaBudget budget, JinjaArguments arguments)
    {
        var attribute = arguments.Find(2, "attribute");
        var seen = new HashSet<object>();
        return new JinjaList([.. Items(budget, arguments).Where(item =>
        {
            var value = Fold(attribute is null ? item : Members.Path(item, attribute, budget), arguments.IsTrue(1, "case_sensitive"));
            return seen.Add(JinjaMap.KeyOf(value) ?? throw new JinjaException($"unhashable type: '{value.Kind}'"));
        })]);
    }

    public static JinjaValue Extreme(JinjaBudget budget, JinjaArguments arguments, bool largest)
    {
        var attribute = arguments.Find(2, "attribute");
        JinjaValue? best = null;
        foreach (var item in Items(budget, arguments))
        {
            best = best is null || (Comparisons.Order(Key(item), Key(best), "<", budget) is var order && (largest ? order > 0 : order < 0)) ? item : best;
        }
        return best ?? new JinjaUndefined("the extreme of nothing");

        JinjaValue Key(JinjaValue item) => Fold(attribute is null ? item : Members.Path(item, attribute, budget), arguments.IsTrue(1, "case_sensitive"));
    }

    public static JinjaValue Sum(JinjaBudget budget, JinjaArguments arguments)
    {
        var attribute = arguments.Find(1, "attribute");
        return Items(budget, arguments).Aggregate(
            arguments.Find(2, "start") ?? new JinjaInteger(0), (sum, item) => Operators.Apply("+", sum, attribute is null or JinjaNone ? item : Members.Path(item, attribute, budget), budget));
    }

    public static JinjaList Batch(JinjaBudget budget, JinjaArguments arguments)
    {
        var size = arguments.FindInteger(1, "linecount") is >= 1 and <= JinjaLimits.RangeLength and var given ? (int)given : throw new JinjaException("linecount must be at least 1");
        var fill = arguments.Find(2, "fill_with");
        return new JinjaList([.. Items(budget, arguments).Chunk(size).Select(chunk => new JinjaList(fill is null ? chunk : [.. chunk, .. Enumerable.Repeat(fill, size - chunk.Length)]))]);
    }

    private static IReadOnlyList<JinjaValue> Items(JinjaBudget budget, JinjaArguments arguments)
    {
        var items = Sequences.Of(arguments.Require(0, "value"), budget);
        budget.Items(items.Count);
        return items;
    }

    /// <summary>As <see cref="Items"/>; whatever counts as false has none, even where it can't be stepped through.</summary>
    private static IReadOnlyList<JinjaValue> ItemsIfAny(JinjaBudget budget, JinjaArguments arguments) =>
        arguments.Require(0, "value").IsTrue ? Items(budget, arguments) : [];

    private static JinjaList Each(JinjaBudget budget, JinjaArguments arguments, Func<JinjaValue, JinjaValue> change) => new([.. ItemsIfAny(budget, arguments).Select(item =>
    {
        budget.Step();
        return change(item);
    })]);

    private static JinjaList Where(JinjaBudget budget, JinjaArguments arguments, int testAt, Func<JinjaValue, JinjaValue> pick, bool wanted)
    {
        var test = testAt < arguments.Positional.Count ? arguments.RequireText(testAt, "test").Text : null;
        var rest = arguments.Skip(testAt + 1);
        return new JinjaList([.. ItemsIfAny(budget, arguments).Where(item =>
        {
            budget.Step();
            var value = pick(item);
            return wanted == (test is null ? value.IsTrue : Tests.Apply(test, rest with { Positional = [value, .. rest.Positional] }, budget));
        })]);
    }

    private static List<JinjaValue> Sorted(IReadOnlyList<JinjaValue> items, Func<JinjaValue, JinjaValue> key, bool reverse, JinjaBudget budget)
    {
        var comparer = Comparer<JinjaValue>.Create((a, b) => Comparisons.Order(a, b, "<", budget));
        var keyed = items.Select(item => (Key: key(item), Item: item));
        var sorted = reverse ? keyed.OrderByDescending(k => k.Key, comparer) : keyed.OrderBy(k => k.Key, comparer);
        try
        {
            return [.. sorted.Select(k => k.Item)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is { } inner)
        {
            // Sorting wraps what the comparison threw.
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static JinjaValue Fold(JinjaValue value, bool caseSensitive) => value is JinjaString text && !caseSensitive ? text.WithText(text.Text.ToLowerInvariant()) : value;
}
