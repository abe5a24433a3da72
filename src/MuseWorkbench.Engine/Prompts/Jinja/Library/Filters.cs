using System.Collections.Frozen;
using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>What can stand after <c>|</c>.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Func<JinjaBudget, JinjaArguments, JinjaValue>> s_filters =
        new Dictionary<string, Func<JinjaBudget, JinjaArguments, JinjaValue>>
        {
            ["abs"] = (b, a) => a.Require(0, "x") switch { JinjaInteger i => new JinjaInteger(Math.Abs(i.Value)), JinjaFloat f => new JinjaFloat(Math.Abs(f.Value)), var other => Operators.Sign(other, negative: false) },
            ["attr"] = (b, a) => Members.Get(a.Require(0, "obj"), a.RequireText(1, "name").Text, b),
            ["batch"] = SequenceFilters.Batch,
            ["capitalize"] = (b, a) => Text(b, a) is var t ? t.WithText(TextEdit.Capitalize(t.Text)) : t,
            ["count"] = (_, a) => new JinjaInteger(Sequences.Length(a.Require(0, "obj"))),
            ["d"] = Default,
            ["default"] = Default,
            ["dictsort"] = SequenceFilters.SortMap,
            ["e"] = Escape,
            ["escape"] = Escape,
            ["first"] = (b, a) => Sequences.Of(a.Require(0, "seq"), b) is [var first, ..] ? first : new JinjaUndefined("the first item of nothing"),
            ["float"] = ToFloat,
            ["format"] = (b, a) => TextFormat.Percent(Text(b, a), new JinjaList([.. a.Positional.Skip(1)], isTuple: true), b),
            ["indent"] = TextFilters.Indent,
            ["int"] = ToInteger,
            ["items"] = (b, a) => a.Require(0, "value") switch { JinjaMap map => MapMethods.Items(map, b), JinjaUndefined => new JinjaList([]), _ => throw new JinjaException("items needs a mapping") },
            ["join"] = SequenceFilters.Join,
            ["last"] = (b, a) => Sequences.Of(a.Require(0, "seq"), b) is [.., var last] ? last : new JinjaUndefined("the last item of nothing"),
            ["length"] = (_, a) => new JinjaInteger(Sequences.Length(a.Require(0, "obj"))),
            ["list"] = (b, a) => new JinjaList(Sequences.Of(a.Require(0, "value"), b)),
            ["lower"] = (b, a) => Text(b, a) is var t ? t.WithText(t.Text.ToLowerInvariant()) : t,
            ["map"] = SequenceFilters.Map,
            ["max"] = (b, a) => SequenceFilters.Extreme(b, a, largest: true),
            ["min"] = (b, a) => SequenceFilters.Extreme(b, a, largest: false),
            ["reject"] = (b, a) => SequenceFilters.Select(b, a, wanted: false),
            ["rejectattr"] = (b, a) => SequenceFilters.SelectBy(b, a, wanted: false),
            ["replace"] = (b, a) => TextEdit.Replace(Text(b, a), TextAt(b, a, 1, "old"), TextAt(b, a, 2, "new"), a.FindInteger(3, "count") ?? -1, b),
            ["reverse"] = SequenceFilters.Reverse,
            ["round"] = Round,
            ["safe"] = (b, a) => Text(b, a),
            ["select"] = (b, a) => SequenceFilters.Select(b, a, wanted: true),
            ["selectattr"] = (b, a) => SequenceFilters.SelectBy(b, a, wanted: true),
            ["sort"] = SequenceFilters.Sort,
            ["string"] = (b, a) => Text(b, a),
            ["sum"] = SequenceFilters.Sum,
            ["title"] = (b, a) => Text(b, a) is var t ? t.WithText(TextEdit.Title(t.Text, c => TextEdit.IsSpace(c) || "-({[<".Contains(c, StringComparison.Ordinal))) : t,
            ["tojson"] = JsonText.Filter,
            ["trim"] = (b, a) => TextEdit.Trim(Text(b, a), a.FindText(1, "chars")?.Text),
            ["unique"] = SequenceFilters.Unique,
            ["upper"] = (b, a) => Text(b, a) is var t ? t.WithText(t.Text.ToUpperInvariant()) : t,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Exists(string name) => s_filters.ContainsKey(name);

    /// <param name="arguments">The subject first.</param>
    /// <exception cref="JinjaException">There is no such filter, or it can't be applied to this.</exception>
    public static JinjaValue Apply(string name, JinjaArguments arguments, JinjaBudget budget) =>
        s_filters.TryGetValue(name, out var filter) ? filter(budget, arguments) : throw new JinjaException($"no filter named '{name}'");

    private static JinjaString Text(JinjaBudget budget, JinjaArguments arguments) => PythonText.Of(arguments.Require(0, "s"), budget);

    private static JinjaString TextAt(JinjaBudget budget, JinjaArguments arguments, int position, string name) => PythonText.Of(arguments.Require(position, name), budget);

    private static JinjaValue Default(JinjaBudget budget, JinjaArguments arguments)
    {
        var value = arguments.Require(0, "value");
        return value is JinjaUndefined || (arguments.IsTrue(2, "boolean") && !value.IsTrue) ? arguments.Find(1, "default_value") ?? JinjaString.Empty : value;
    }

    private static JinjaString Escape(JinjaBudget budget, JinjaArguments arguments)
    {
        var builder = new JinjaStringBuilder();
        TextEdit.Map(Text(budget, arguments), builder, c => c switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&#34;", '\'' => "&#39;", _ => null });
        budget.Text(builder.Length);
        return builder.ToText();
    }

    private static JinjaValue ToInteger(JinjaBudget budget, JinjaArguments arguments)
    {
        var value = arguments.Require(0, "value");
        var otherwise = arguments.Find(1, "default") ?? new JinjaInteger(0);
        return value switch
        {
            JinjaInteger => value,
            JinjaBool flag => new JinjaInteger(flag.Value ? 1 : 0),
            JinjaFloat number => Whole(number.Value),
            JinjaString text when long.TryParse(text.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => new JinjaInteger(whole),
            JinjaString text when TryNumber(text.Text, out var number) => Whole(number),
            JinjaUndefined undefined => throw undefined.Error,
            _ => otherwise,
        };

        JinjaValue Whole(double number) => Math.Abs(number) < long.MaxValue ? new JinjaInteger((long)number) : otherwise;
    }

    private static JinjaValue ToFloat(JinjaBudget budget, JinjaArguments arguments) => arguments.Require(0, "value") switch
    {
        JinjaString text when TryNumber(text.Text, out var number) => new JinjaFloat(number),
        JinjaUndefined undefined => throw undefined.Error,
        var value when Operators.IsNumber(value, out var number) => new JinjaFloat(number),
        _ => arguments.Find(1, "default") ?? new JinjaFloat(0),
    };

    private static JinjaValue Round(JinjaBudget budget, JinjaArguments arguments)
    {
        if (arguments.Find(2, "method") is null && Operators.IsInteger(arguments.Require(0, "value"), out var whole) && (arguments.FindInteger(1, "precision") ?? 0) >= 0)
        {
            return new JinjaInteger(whole);
        }
        if (!Operators.IsNumber(arguments.Require(0, "value"), out var number))
        {
            throw new JinjaException("round needs a number");
        }
        var scale = Math.Pow(10, Math.Clamp(arguments.FindInteger(1, "precision") ?? 0, -300, 300));
        return new JinjaFloat(arguments.FindText(2, "method")?.Text switch
        {
            null or "common" when scale is >= 1 and <= 1e15 => Math.Round(number, (int)Math.Round(Math.Log10(scale)), MidpointRounding.ToEven),
            null or "common" => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw new JinjaException("method must be common, ceil or floor"),
        });
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
