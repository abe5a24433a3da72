using MathNet.Numerics.Distributions;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// The bootstrap of a mean, drawing whole clusters with replacement (Efron and Tibshirani, "An Introduction to the
/// Bootstrap", 1993, chapters 13 and 14). On per-case differences of two teams it is the paired bootstrap.
/// </summary>
public static class ClusterBootstrap
{
    /// <summary>Replicates where nothing else is said: enough that the seed moves an end by about a hundredth of the width.</summary>
    public const int DefaultReplicates = 10_000;

    /// <summary>Means of <paramref name="replicates"/> resamples, in increasing order. The same seed gives the same.</summary>
    public static double[] Replicate(ClusteredSample sample, int replicates = DefaultReplicates, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 1);
        if (sample.Clusters == 0)
            throw new ArgumentException("There is nothing to draw from.", nameof(sample));
        var random = new RandomStream(seed);
        var sums = sample.Sums;
        var sizes = sample.Sizes;
        var means = new double[replicates];
        for (var r = 0; r < replicates; r++)
        {
            double sum = 0;
            long size = 0;
            for (var draw = 0; draw < sums.Length; draw++)
            {
                var g = random.Below(sums.Length);
                sum += sums[g];
                size += sizes[g];
            }
            means[r] = sum / size;
        }
        Array.Sort(means);
        return means;
    }

    /// <summary>The percentile interval of sorted replicates: quantiles (1 ∓ level)/2, linear between order statistics (Hyndman and Fan's type 7, NumPy's default).</summary>
    public static Estimate Percentile(double mean, double[] sorted, double level = Estimate.DefaultLevel)
    {
        _ = Estimate.Quantile(level);
        return new Estimate(mean, QuantileOf(sorted, (1 - level) / 2), QuantileOf(sorted, (1 + level) / 2), level);
    }

    /// <summary>
    /// The bias-corrected and accelerated interval (Efron 1987). Bias z₀ = Φ⁻¹(share of replicates below the mean, ties
    /// counting half); acceleration a = Σd³ / 6(Σd²)^1.5 from d = mean of the jackknife means − each, leaving out a cluster
    /// at a time. The percentile interval where all replicates lie on one side, or are alike.
    /// </summary>
    public static Estimate BiasCorrected(ClusteredSample sample, double[] sorted, double level = Estimate.DefaultLevel)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var z = Estimate.Quantile(level);
        var share = (CountBelow(sorted, sample.Mean, orAt: false) + CountBelow(sorted, sample.Mean, orAt: true)) / (2.0 * sorted.Length);
        if (share is <= 0 or >= 1 || sample.Clusters < 2)
            return Percentile(sample.Mean, sorted, level);
        var (bias, acceleration) = (Normal.InvCDF(0, 1, share), Acceleration(sample));
        double Adjusted(double at) => Normal.CDF(0, 1, bias + (bias + at) / (1 - acceleration * (bias + at)));
        return new Estimate(sample.Mean, QuantileOf(sorted, Adjusted(-z)), QuantileOf(sorted, Adjusted(z)), level);
    }

    internal static double Acceleration(ClusteredSample sample)
    {
        var sums = sample.Sums;
        var sizes = sample.Sizes;
        var total = 0.0;
        foreach (var sum in sums)
            total += sum;
        var left = new double[sums.Length];
        for (var g = 0; g < left.Length; g++)
            left[g] = (total - sums[g]) / (sample.Count - sizes[g]);
        var centre = left.Average();
        double squares = 0, cubes = 0;
        foreach (var mean in left)
        {
            var d = centre - mean;
            squares += d * d;
            cubes += d * d * d;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }

    internal static double QuantileOf(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    private static int CountBelow(double[] sorted, double value, bool orAt)
    {
        // Sums in another order differ in the last bits; those replicates equal the mean.
        var slack = 1e-12 * Math.Max(1, Math.Abs(value));
        var count = 0;
        while (count < sorted.Length && (orAt ? sorted[count] <= value + slack : sorted[count] < value - slack))
            count++;
        return count;
    }
}
