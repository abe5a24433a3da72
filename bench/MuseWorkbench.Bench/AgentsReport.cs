using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Bench;

/// <summary>One run of one size.</summary>
/// <param name="WallMs">First request in to last answer out.</param>
/// <param name="Generated">Tokens of all agents.</param>
/// <param name="Steps">Decodes, the prompt's too.</param>
/// <param name="Prefilled">Prompt tokens computed, not found in the cache.</param>
/// <param name="FloorMs">The floor's time for the same work.</param>
internal sealed record AgentsSample(double WallMs, int Generated, long Steps, long Prefilled, double FloorMs);

/// <summary>Medians over the runs of one size.</summary>
internal sealed record AgentsRow(
    int Agents, double TokensPerSecond, double WallMs, double RelativeToFirst, double RowsPerStep, double PrefilledPerAgent, double FloorMs, double RelativeToFloor);

internal sealed record AgentsReport(
    DateTimeOffset At, string Model, string Device, int Cores, int Runs, int TokensPerAgent, IReadOnlyList<AgentsRow> Rows)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static AgentsReport Create(BenchOptions options, string device, IReadOnlyDictionary<int, List<AgentsSample>> samples)
    {
        var first = Median(samples[samples.Keys.Min()], s => s.WallMs);
        return new(
            DateTimeOffset.UtcNow, Path.GetFileName(options.Model), device, Environment.ProcessorCount, options.Runs, options.Tokens,
            [.. samples.OrderBy(s => s.Key).Select(s => Summarize(s.Key, s.Value, first))]);
    }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    public string ToTable()
    {
        var text = new StringBuilder();
        Line($"{Model} on {Device}, {Cores} cores; {TokensPerAgent} tokens an agent; median of {Runs} runs");
        Line($"{"agents",6} {"tokens/s",9} {"wall ms",9} {"× first",8} {"rows/step",9} {"prefill/agent",13} {"floor ms",9} {"× floor",8}");
        foreach (var r in Rows)
        {
            Line($"{r.Agents,6} {r.TokensPerSecond,9:F0} {r.WallMs,9:F1} {r.RelativeToFirst,8:F2} {r.RowsPerStep,9:F2} {r.PrefilledPerAgent,13:F1} {r.FloorMs,9:F1} {r.RelativeToFloor,8:F2}");
        }

        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    // A run and its floor stand next to each other in time, so their ratio is taken run by run.
    private static AgentsRow Summarize(int agents, List<AgentsSample> samples, double firstMs) => new(
        agents,
        Median(samples, s => s.Generated / s.WallMs * 1000),
        Median(samples, s => s.WallMs),
        Median(samples, s => s.WallMs) / firstMs,
        Median(samples, s => (double)s.Generated / s.Steps),
        Median(samples, s => (double)s.Prefilled / agents),
        Median(samples, s => s.FloorMs),
        Median(samples, s => s.WallMs / s.FloorMs));

    private static double Median(List<AgentsSample> samples, Func<AgentsSample, double> value) => Statistics.Median([.. samples.Select(value)]);
}
