using System.Collections.Immutable;
using System.Globalization;

namespace MuseWorkbench.Curation.Tradeoffs;

/// <summary>What a sweep's points say together.</summary>
public static class SweepFindings
{
    /// <summary>
    /// The Pareto front: points to which no other is at least as good in latency and in benefit, and better in one. In the
    /// order of their latency. Of equal points the first stands for all.
    /// </summary>
    /// <param name="benefit">More is better; null leaves a point out.</param>
    public static ImmutableArray<SweepPoint> Front(IEnumerable<SweepPoint> points, Func<SweepFigures, double?> benefit)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(benefit);
        var front = ImmutableArray.CreateBuilder<SweepPoint>();
        var best = double.NegativeInfinity;
        foreach (var (point, value) in points.Where(point => point.Figures is not null).Select(point => (Point: point, Value: benefit(point.Figures!)))
            .Where(entry => entry.Value is not null).OrderBy(entry => entry.Point.Figures!.P95Ms).ThenByDescending(entry => entry.Value))
        {
            if (value <= best)
                continue;
            best = value!.Value;
            front.Add(point);
        }
        return front.ToImmutable();
    }

    /// <summary>What this hardware sustains under the sweep's latency, in words; null before anything was measured.</summary>
    public static string? Sustained(Sweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var measured = sweep.Points.Where(point => point.Figures is not null).ToArray();
        if (measured.Length == 0)
            return null;
        var target = Seconds(sweep.TargetMs);
        var within = measured.Where(point => point.Figures!.P95Ms <= sweep.TargetMs).ToArray();
        if (within.Length == 0)
        {
            var fastest = measured.MinBy(point => point.Figures!.P95Ms)!;
            return $"No setting keeps {target} for 95 of 100 runs. The fastest, {Words(fastest.Setting)}, needs {Seconds(fastest.Figures!.P95Ms)}.";
        }
        var most = within.MaxBy(point => point.Figures!.RunsPerMinute)!;
        var text = $"Where 95 of 100 runs are to end within {target}, this hardware sustains {Rate(most.Figures!.RunsPerMinute)} runs a minute: {Words(most.Setting)}{Right(most)}.";
        var best = within.Where(point => point.Figures!.Accuracy is not null).OrderByDescending(point => point.Figures!.Accuracy!.Value).ThenByDescending(point => point.Figures!.RunsPerMinute).FirstOrDefault();
        return best is null || best == most || best.Figures!.Accuracy!.Value <= (most.Figures.Accuracy?.Value ?? 0)
            ? text
            : $"{text} Most often right within that time: {Words(best.Setting)}{Right(best)}, at {Rate(best.Figures.RunsPerMinute)} runs a minute.";
    }

    private static string Words(SweepSetting setting) => string.Create(
        CultureInfo.InvariantCulture, $"{SweepPlan.Many(setting.Agents, "agent")} of at most {setting.Tokens:N0} tokens, {SweepPlan.Many(setting.Concurrency, "run")} at once");

    private static string Right(SweepPoint point) => point.Figures!.Accuracy is { } share
        ? string.Create(CultureInfo.InvariantCulture, $", {100 * share.Value:0} % right ({100 * share.Lower:0} to {100 * share.Upper:0})")
        : "";

    private static string Seconds(double ms) => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.##} s");

    private static string Rate(double value) => value.ToString(value < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
}
