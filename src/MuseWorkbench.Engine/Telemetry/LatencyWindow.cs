using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Telemetry;

/// <summary>
/// Percentiles over the last minute in fixed memory: twelve slices of five seconds, each a histogram whose buckets grow by 5 %,
/// so that a percentile is right to within 2.5 %. For one thread.
/// </summary>
internal sealed class LatencyWindow(TimeProvider time)
{
    private const int Slices = 12;
    private const double SliceSeconds = 5;
    private const double Smallest = 0.01;
    private const double Growth = 1.05;

    /// <summary>From 10 µs to beyond ten minutes.</summary>
    private const int Buckets = 370;

    private readonly int[][] _counts = [.. Enumerable.Range(0, Slices).Select(_ => new int[Buckets])];
    private readonly long _start = time.GetTimestamp();
    private long _slice;

    public void Record(double milliseconds)
    {
        Advance();
        var bucket = milliseconds <= Smallest ? 0 : 1 + (int)(Math.Log(milliseconds / Smallest) / Math.Log(Growth));
        _counts[_slice % Slices][Math.Min(bucket, Buckets - 1)]++;
    }

    public LatencySummary Summarize()
    {
        Advance();
        var totals = new int[Buckets];
        foreach (var slice in _counts)
        {
            for (var i = 0; i < Buckets; i++)
            {
                totals[i] += slice[i];
            }
        }
        var count = totals.Sum();
        return new LatencySummary(count, Percentile(totals, count, 0.50), Percentile(totals, count, 0.95), Percentile(totals, count, 0.99));
    }

    private static double Percentile(int[] totals, int count, double fraction)
    {
        var rank = Math.Max(1, (int)Math.Ceiling(count * fraction));
        var seen = 0;
        for (var i = 0; i < Buckets; i++)
        {
            seen += totals[i];
            if (seen >= rank)
            {
                // The middle of the bucket.
                return i == 0 ? Smallest : Smallest * Math.Pow(Growth, i - 0.5);
            }
        }
        return 0;
    }

    private void Advance()
    {
        var now = (long)(time.GetElapsedTime(_start).TotalSeconds / SliceSeconds);
        for (var passed = Math.Min(now - _slice, Slices); passed > 0; passed--)
        {
            Array.Clear(_counts[(now - passed + 1) % Slices]);
        }
        _slice = now;
    }
}
