using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>Counts observations in buckets. Thread-safe.</summary>
/// <param name="bounds">Upper bounds, ascending, inclusive; one more bucket takes the rest.</param>
internal sealed class Histogram(double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Observe(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        var found = Array.BinarySearch(bounds, value);
        lock (_gate)
        {
            _counts[found < 0 ? ~found : found]++;
            _sum += value;
        }
    }

    public HistogramSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new HistogramSnapshot(bounds, [.. _counts], _sum);
        }
    }
}
