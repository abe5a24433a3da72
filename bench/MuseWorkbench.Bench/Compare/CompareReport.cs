using System.Globalization;
using System.Text;

namespace MuseWorkbench.Bench.Compare;

/// <summary>Figures by scenario and side, one a run; medians and ratios of them.</summary>
internal sealed class CompareReport(CompareOptions options, string model, string device)
{
    private const string Ours = "engine node", Theirs = "llama-server", Floor = "floor", RolesFloor = "with roles";

    private readonly Dictionary<(string Side, string Scenario), List<double>> _figures = [];
    private readonly List<string> _scenarios = [];

    public void Add(string side, string scenario, double value)
    {
        if (!_figures.TryGetValue((side, scenario), out var list))
        {
            _figures.Add((side, scenario), list = []);
        }

        list.Add(value);
        if (!_scenarios.Contains(scenario))
        {
            _scenarios.Add(scenario);
        }
    }

    /// <summary>One prefill and the bare batched decode.</summary>
    public void AddFloor(string scenario, double milliseconds) => Add(Floor, scenario, milliseconds);

    /// <summary>The same, where each agent's own words are computed and attended to as well.</summary>
    public void AddRolesFloor(string scenario, double milliseconds) => Add(RolesFloor, scenario, milliseconds);

    public string ToTable()
    {
        var text = new StringBuilder();
        Line($"{Path.GetFileName(model)} on {device}, {Environment.ProcessorCount} cores, {options.Threads} threads; median of {options.Runs} runs, ratios run by run{(options.ServerArguments.Count > 0 ? $"; llama-server with {string.Join(' ', options.ServerArguments)}" : "")}");
        Line($"{"scenario",-46} {Ours,12} {Theirs,13} {"× sooner",9} {Floor,9} {"× floor",8} {RolesFloor,11} {"× that",7}");
        foreach (var scenario in _scenarios)
        {
            Line($"{scenario,-46} {Figure(Ours, scenario),12} {Figure(Theirs, scenario),13} {Ratio(Theirs, Ours, scenario),9} {Figure(Floor, scenario),9} {Ratio(Ours, Floor, scenario),8} {Figure(RolesFloor, scenario),11} {Ratio(Ours, RolesFloor, scenario),7}");
        }

        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
    }

    private string Figure(string side, string scenario) => _figures.TryGetValue((side, scenario), out var values) ? Show(Statistics.Median(values), "F1") : "";

    // What stands next to each other in time is compared, so that a machine that slows down slows both.
    private string Ratio(string over, string under, string scenario) =>
        _figures.TryGetValue((over, scenario), out var a) && _figures.TryGetValue((under, scenario), out var b)
            ? Show(Statistics.Median([.. a.Zip(b, (x, y) => x / y)]), "F2")
            : "";

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
