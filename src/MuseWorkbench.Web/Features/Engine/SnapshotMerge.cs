using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>
/// Several snapshots in a row as one over their joined interval: counts of an interval are added, means weighted by the
/// steps they rest on, peaks kept (a 95th percentile of parts becomes their highest, so an upper bound), and what tells
/// of a moment or runs since start is the last one's.
/// </summary>
internal static class SnapshotMerge
{
    public static EngineSnapshot Merge(ReadOnlySpan<EngineSnapshot> parts)
    {
        var last = parts[^1];
        if (parts.Length == 1)
        {
            return last;
        }

        double interval = 0, rows = 0, stepTime = 0, p95 = 0;
        int steps = 0, maxRows = 0, generated = 0, prefilled = 0, running = 0, waiting = 0;
        foreach (var part in parts)
        {
            interval += part.IntervalMs;
            steps += part.IntervalSteps;
            rows += part.MeanRows * part.IntervalSteps;
            stepTime += part.StepMeanMs * part.IntervalSteps;
            p95 = Math.Max(p95, part.StepP95Ms);
            maxRows = Math.Max(maxRows, part.MaxRows);
            generated += part.IntervalGenerated;
            prefilled += part.IntervalPrefilled;
            running = Math.Max(running, part.Running);
            waiting = Math.Max(waiting, part.Waiting); // a short queue must not vanish from a long chart
        }

        return last with
        {
            IntervalMs = interval,
            IntervalSteps = steps,
            MeanRows = steps == 0 ? 0 : rows / steps,
            StepMeanMs = steps == 0 ? 0 : stepTime / steps,
            StepP95Ms = p95,
            MaxRows = maxRows,
            IntervalGenerated = generated,
            IntervalPrefilled = prefilled,
            Running = running,
            Waiting = waiting,
        };
    }
}
