using System.Text;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>Stepping through values, and their items by number.</summary>
internal static class Sequences
{
    /// <summary>A value's items: a list's, a mapping's keys, a text's characters, none of what is undefined.</summary>
    /// <exception cref="JinjaException">It has no items.</exception>
    public static IReadOnlyList<JinjaValue> Of(JinjaValue value, JinjaBudget budget)
    {
        switch (value)
        {
            case JinjaList list: return list.Items;
            case JinjaUndefined: return [];
            case JinjaMap map:
                budget.Items(map.Entries.Count);
                return [.. map.Entries.Select(e => e.Key)];
            case JinjaString text:
                budget.Items(text.Text.Length);
                return [.. Characters(text)];
            default: throw new JinjaException($"'{value.Kind}' object is not iterable");
        }
    }

    /// <exception cref="JinjaException">It has no length.</exception>
    public static int Length(JinjaValue value) => value switch
    {
        JinjaString text => LengthOf(text.Text),
        JinjaList list => list.Items.Count,
        JinjaMap map => map.Entries.Count,
        JinjaUndefined => 0,
        _ => throw new JinjaException($"object of type '{value.Kind}' has no len()"),
    };

    /// <summary>Null where there is no such item.</summary>
    public static JinjaValue? At(JinjaValue value, long index)
    {
        var length = value is JinjaString or JinjaList ? Length(value) : 0;
        index += index < 0 ? length : 0;
        return index < 0 || index >= length ? null
            : value is JinjaList list ? list.Items[(int)index]
            : CharacterAt((JinjaString)value, (int)index);
    }

    /// <summary>Items from start to stop, as Python slices: out of range is cut, negative counts from the end.</summary>
    public static JinjaValue Slice(JinjaValue value, long? start, long? stop, long step, JinjaBudget budget)
    {
        if (step == 0)
        {
            throw new JinjaException("slice step cannot be zero");
        }
        if (value is not (JinjaString or JinjaList))
        {
            return value is JinjaUndefined undefined ? throw undefined.Error : throw new JinjaException($"'{value.Kind}' object is not subscriptable");
        }
        var length = Length(value);
        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        var from = Bound(start, step > 0 ? 0 : length - 1);
        var to = Bound(stop, step > 0 ? length : -1);
        if (value is JinjaString text && step == 1)
        {
            return text.Slice(OffsetOf(text.Text, (int)from), OffsetOf(text.Text, (int)Math.Max(from, to)));
        }
        var items = Of(value, budget);
        budget.Items(length);
        var picked = new List<JinjaValue>();
        for (var i = from; step > 0 ? i < to : i > to; i += step)
        {
            picked.Add(items[(int)i]);
        }
        return value is JinjaString ? Operators.Join(budget, [.. picked.Cast<JinjaString>()]) : new JinjaList(picked, ((JinjaList)value).IsTuple);

        long Bound(long? bound, long otherwise)
        {
            if (bound is not { } given)
            {
                return otherwise;
            }
            given += given < 0 ? length : 0;
            return step > 0 ? Math.Clamp(given, 0, length) : Math.Clamp(given, -1, length - 1);
        }
    }

    private static IEnumerable<JinjaString> Characters(JinjaString text)
    {
        for (var at = 0; at < text.Text.Length;)
        {
            var size = SizeAt(text.Text, at);
            yield return text.Slice(at, at + size);
            at += size;
        }
    }

    // Python counts code points, .NET UTF-16 units; they differ only where there are surrogate pairs.
    private static int LengthOf(string text)
    {
        var pairs = 0;
        for (var i = 0; i + 1 < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i], text[i + 1]) ? 1 : 0;
        }
        return text.Length - pairs;
    }

    private static int OffsetOf(string text, int characters)
    {
        var at = 0;
        for (; characters > 0 && at < text.Length; characters--)
        {
            at += SizeAt(text, at);
        }
        return at;
    }

    private static int SizeAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune.Utf16SequenceLength : 1;

    private static JinjaString CharacterAt(JinjaString text, int index)
    {
        var at = OffsetOf(text.Text, index);
        return text.Slice(at, at + SizeAt(text.Text, at));
    }
}
