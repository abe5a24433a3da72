namespace MuseWorkbench.Engine.Telemetry;

/// <summary>Counts values (seconds, tokens) into fixed buckets. One thread writes; any may take a snapshot.</summary>
internal sealed class Histogram(double[] bounds)
{
    /// <summary>OpenTelemetry's bounds for gen_ai.server.time_to_first_token, and vLLM's beyond them.</summary>
    public static readonly double[] FirstTokenBounds =
        [.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];

    /// <summary>OpenTelemetry's bounds for gen_ai.server.time_per_output_token, and finer ones below for small models.</summary>
    public static readonly double[] PerTokenBounds =
        [.001, .0025, .005, .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5];

    /// <summary>OpenTelemetry's bounds for gen_ai.server.request.duration, doubled on to beyond twenty minutes.</summary>
    public static readonly double[] RequestBounds =
        [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36, 1310.72];

    /// <summary>vLLM's bounds for iteration_tokens_total.</summary>
    public static readonly double[] StepTokenBounds = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

    /// <summary>Tokens of one request, as vLLM counts them: 1, 2, 5, 10 …</summary>
    public static readonly double[] RequestTokenBounds =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

    public static readonly double[] PreemptionBounds = [0, 1, 2, 5, 10, 20, 50];

    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
        Volatile.Write(ref _sum, _sum + value);
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
