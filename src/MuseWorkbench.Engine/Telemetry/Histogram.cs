namespace MuseWorkbench.Engine.Telemetry;

/// <summary>Counts seconds into fixed buckets. One thread writes; any may take a snapshot.</summary>
internal sealed class Histogram(double[] bounds)
{
    /// <summary>OpenTelemetry's bounds for gen_ai.server.time_to_first_token.</summary>
    public static readonly double[] FirstTokenBounds =
        [.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];

    /// <summary>OpenTelemetry's bounds for gen_ai.server.time_per_output_token, and finer ones below for small models.</summary>
    public static readonly double[] PerTokenBounds =
        [.001, .0025, .005, .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5];

    /// <summary>OpenTelemetry's bounds for gen_ai.server.request.duration.</summary>
    public static readonly double[] RequestBounds =
        [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Record(double seconds)
    {
        var bucket = 0;
        while (bucket < bounds.Length && seconds > bounds[bucket])
        {
            bucket++;
        }
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
        Volatile.Write(ref _sum, _sum + seconds);
    }

    public HistogramSnapshot Snapshot()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Volatile.Read(ref _counts[i]);
        }
        return new HistogramSnapshot(bounds, counts, Volatile.Read(ref _sum));
    }
}
