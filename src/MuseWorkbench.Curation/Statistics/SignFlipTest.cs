namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// The paired randomisation test (Fisher 1935), by cluster: if two teams were alike, the difference on each cluster could
/// as well have come out with the other sign. p is the share of all sign patterns whose sum is at least as far from 0 as
/// the one seen. On independent right-or-wrong cases it is McNemar's exact test; it also holds for partial scores,
/// repeats and shared images.
/// </summary>
public static class SignFlipTest
{
    /// <summary>Sign patterns drawn where there are too many to count.</summary>
    public const int DefaultDraws = 20_000;

    // Steps of counting: about 0.1 s.
    private const long MaxWork = 100_000_000;
    private const int MaxDenominator = 64;

    /// <summary>
    /// Two-sided p of per-case differences. Exact where cluster sums are multiples of 1/d, d ≤ 64, and few enough to count;
    /// else (1 + patterns at least as far)/(1 + draws) of seeded draws (Phipson and Smyth 2010), which is never 0.
    /// </summary>
    public static double P(ClusteredSample differences, int draws = DefaultDraws, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(differences);
        double[] sums = [.. differences.Sums.ToArray().Select(Math.Abs).Where(sum => sum > 1e-12)];
        var seen = 0.0;
        foreach (var sum in differences.Sums)
            seen += sum;
        if (sums.Length == 0)
            return 1;
        return AsWholes(sums) is { } wholes && (long)wholes.Sum() * 2 * wholes.Length <= MaxWork
            ? Exact(wholes, Math.Abs(seen) * wholes.Sum() / sums.Sum())
            : Drawn(sums, Math.Abs(seen), draws, seed);
    }

    private static int[]? AsWholes(double[] sums)
    {
        for (var d = 1; d <= MaxDenominator; d++)
        {
            if (sums.All(sum => sum * d < int.MaxValue / 4 && Math.Abs(sum * d - Math.Round(sum * d)) < 1e-9))
                return sums.Sum() * d < int.MaxValue / 4 ? [.. sums.Select(sum => (int)Math.Round(sum * d))] : null;
        }
        return null;
    }

    // The distribution of Σ ±w, one weight folded in after another; index = sum + total.
    private static double Exact(int[] weights, double seen)
    {
        var total = weights.Sum();
        var chance = new double[2 * total + 1];
        chance[total] = 1;
        var reach = 0;
        foreach (var w in weights)
        {
            var next = new double[chance.Length];
            for (var i = total - reach; i <= total + reach; i++)
            {
                next[i - w] += chance[i] / 2;
                next[i + w] += chance[i] / 2;
            }
            (chance, reach) = (next, reach + w);
        }
        var p = 0.0;
        for (var i = 0; i < chance.Length; i++)
        {
            if (Math.Abs(i - total) >= seen - 1e-6)
                p += chance[i];
        }
        return Math.Min(1, p);
    }

    private static double Drawn(double[] sums, double seen, int draws, ulong seed)
    {
        var random = new RandomStream(seed);
        var far = 0;
        for (var draw = 0; draw < draws; draw++)
        {
            double sum = 0;
            for (var i = 0; i < sums.Length; i += 64)
            {
                var signs = random.Next();
                for (var j = i; j < Math.Min(i + 64, sums.Length); j++, signs >>= 1)
                    sum += (signs & 1) == 0 ? sums[j] : -sums[j];
            }
            if (Math.Abs(sum) >= seen * (1 - 1e-12))
                far++;
        }
        return (1.0 + far) / (1.0 + draws);
    }
}
