namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// Values in clusters: cases on one image are not independent of one another, so it is images that are drawn from the
/// world, and it is by them that uncertainty is counted. Without shared images each value is a cluster of its own.
/// </summary>
public sealed class ClusteredSample
{
    private readonly double[] _sums;
    private readonly int[] _sizes;

    private ClusteredSample(double[] sums, int[] sizes)
    {
        (_sums, _sizes) = (sums, sizes);
        Count = sizes.Sum();
        Mean = Count == 0 ? double.NaN : sums.Sum() / Count;
    }

    /// <summary>Number of values.</summary>
    public int Count { get; }

    /// <summary>Number of clusters.</summary>
    public int Clusters => _sums.Length;

    /// <summary>Mean of all values; NaN where there are none.</summary>
    public double Mean { get; }

    /// <summary>The sum of each cluster's values, in the order in which clusters first came.</summary>
    internal ReadOnlySpan<double> Sums => _sums;

    /// <summary>How many values each cluster has.</summary>
    internal ReadOnlySpan<int> Sizes => _sizes;

    /// <summary>A sample of values and the cluster of each.</summary>
    public static ClusteredSample Of(IEnumerable<(string Cluster, double Value)> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Dictionary<string, int> indices = [];
        List<double> sums = [];
        List<int> sizes = [];
        foreach (var (cluster, value) in values)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException("A value is not a number.", nameof(values));
            if (indices.TryAdd(cluster, sums.Count))
            {
                sums.Add(0);
                sizes.Add(0);
            }
            sums[indices[cluster]] += value;
            sizes[indices[cluster]]++;
        }
        return new ClusteredSample([.. sums], [.. sizes]);
    }

    /// <summary>A sample of independent values.</summary>
    public static ClusteredSample Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var sizes = new int[all.Length];
        Array.Fill(sizes, 1);
        return new ClusteredSample(all, sizes);
    }

    /// <summary>
    /// The cluster-robust standard error of the mean: √( G/(G−1) · Σ_g (S_g − n_g·mean)² ) / n, over G clusters with sums
    /// S_g and sizes n_g (Liang and Zeger 1986, small-sample factor as in Stata; Miller, arXiv:2411.00640, §2.2 without
    /// it). With clusters of one it is s/√n. NaN with fewer than two clusters.
    /// </summary>
    public double StandardError
    {
        get
        {
            if (Clusters < 2)
                return double.NaN;
            var sum = 0.0;
            for (var g = 0; g < Clusters; g++)
            {
                var residual = _sums[g] - _sizes[g] * Mean;
                sum += residual * residual;
            }
            return Math.Sqrt(sum * Clusters / (Clusters - 1)) / Count;
        }
    }

    /// <summary>mean ± t·SE with G − 1 degrees of freedom; the whole line with fewer than two clusters.</summary>
    public Estimate TInterval(double level = Estimate.DefaultLevel)
    {
        _ = Estimate.Quantile(level);
        if (Clusters < 2)
            return new Estimate(Mean, double.NegativeInfinity, double.PositiveInfinity, level);
        var half = StandardError * MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, Clusters - 1, (1 + level) / 2);
        return new Estimate(Mean, Mean - half, Mean + half, level);
    }

    /// <summary>
    /// An interval for the mean of values from 0 to 1: Wilson's, by the number of independent values that would be as
    /// uncertain, n* = mean(1−mean)/SE² (Korn and Graubard 1998 use the same n* in the exact interval). n* never exceeds
    /// the number of values where each is 0 or 1. Zero-width samples (all right, all wrong) count their clusters.
    /// </summary>
    public Estimate WilsonInterval(double level = Estimate.DefaultLevel)
    {
        if (Count == 0)
            throw new InvalidOperationException("There is no share without a trial.");
        var mean = Math.Clamp(Mean, 0, 1);
        var (variance, error) = (mean * (1 - mean), StandardError);
        // Independent right-or-wrong values need no detour, and get the textbook's interval.
        if (Clusters == Count && _sums.All(sum => sum is 0 or 1))
            return Proportion.Wilson(_sums.Sum(), Count, level);
        var effective = error > 0 && variance > 0 ? Math.Max(1, variance / (error * error)) : Clusters;
        return Proportion.Wilson(mean * effective, effective, level);
    }
}
