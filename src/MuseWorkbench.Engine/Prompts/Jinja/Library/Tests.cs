using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Library;

/// <summary>What can stand after <c>is</c>.</summary>
internal static class Tests
{
    /// <exception cref="JinjaException">There is no such test, or it can't be put to this value.</exception>
    public static bool Apply(string name, JinjaArguments arguments, JinjaBudget budget)
    {
        var value = arguments.Require(0, "value");
        return name switch
        {
            "defined" => value is not JinjaUndefined,
            "undefined" => value is JinjaUndefined,
            "none" => value is JinjaNone,
            "boolean" => value is JinjaBool,
            "true" => value is JinjaBool { Value: true },
            "false" => value is JinjaBool { Value: false },
            "string" => value is JinjaString,
            "integer" => value is JinjaInteger,
            "float" => value is JinjaFloat,
            "number" => value is JinjaInteger or JinjaFloat or JinjaBool,
            "mapping" => value is JinjaMap,
            "sequence" => value is JinjaString or JinjaList or JinjaMap or JinjaUndefined,
            "iterable" => value is JinjaString or JinjaList or JinjaMap or JinjaUndefined,
            "callable" => value is JinjaFunction,
            "odd" => Remainder(value, 2, budget) == 1,
            "even" => Remainder(value, 2, budget) == 0,
            "divisibleby" => Remainder(value, arguments.FindInteger(1, "num") ?? throw new JinjaException("missing argument 'num'"), budget) == 0,
            "lower" => PythonText.Of(value, budget).Text is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
            "upper" => PythonText.Of(value, budget).Text is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
            "sameas" => ReferenceEquals(value, Other()) || (value is JinjaBool a && Other() is JinjaBool b && a.Value == b.Value),
            "eq" or "equalto" => Comparisons.AreEqual(value, Other(), budget),
            "ne" => !Comparisons.AreEqual(value, Other(), budget),
            "lt" or "lessthan" => Comparisons.Holds("<", value, Other(), budget),
            "le" => Comparisons.Holds("<=", value, Other(), budget),
            "gt" or "greaterthan" => Comparisons.Holds(">", value, Other(), budget),
            "ge" => Comparisons.Holds(">=", value, Other(), budget),
            "in" => Comparisons.Contains(Other(), value, budget),
            "filter" => value is JinjaString filter && Filters.Exists(filter.Text),
            _ => throw new JinjaException($"no test named '{name}'"),
        };

        JinjaValue Other() => arguments.Require(1, "other");
    }

    private static double Remainder(JinjaValue value, long divisor, JinjaBudget budget) =>
        Operators.IsNumber(Operators.Apply("%", value, new JinjaInteger(divisor), budget), out var remainder) ? remainder : double.NaN;
}
