namespace MuseWorkbench.Curation.Statistics;

/// <summary>The share of successes among independent trials.</summary>
public static class Proportion
{
    /// <summary>
    /// Wilson's score interval (Wilson 1927; without continuity correction, method 3 of Newcombe, Statistics in Medicine
    /// 17, 1998, 857–872). It stays within 0 and 1, and has a width at 0 % and at 100 % too, where p ± 1.96·SE has none.
    /// </summary>
    /// <param name="successes">0 to <paramref name="trials"/>; need not be whole, so that effective numbers can be given.</param>
    /// <param name="trials">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The numbers are not of that kind.</exception>
    public static Estimate Wilson(double successes, double trials, double level = Estimate.DefaultLevel)
    {
        if (trials is not (> 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(trials), trials, "There is no share without a trial.");
        if (!(successes >= 0 && successes <= trials))
            throw new ArgumentOutOfRangeException(nameof(successes), successes, "Successes are between none and all trials.");
        var z = Estimate.Quantile(level);
        var (p, z2) = (successes / trials, z * z);
        var scale = 1 / (1 + z2 / trials);
        var centre = scale * (p + z2 / (2 * trials));
        var half = scale * z * Math.Sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials));
        // Rounding must not put the ends of 0 % and 100 % a hair inside.
        return new Estimate(p, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half, level);
    }
}
