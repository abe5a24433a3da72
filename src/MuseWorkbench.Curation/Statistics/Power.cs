using MathNet.Numerics.Distributions;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>How small a difference a number of cases can show, and how many cases a difference needs.</summary>
public static class Power
{
    /// <summary>The usual chance of finding a difference that is there.</summary>
    public const double DefaultPower = 0.8;

    /// <summary>
    /// The smallest difference of means that is found with the given power: (z₍₁₋α/₂₎ + z_power)·SE, SE being the
    /// (cluster-robust) standard error of the paired difference (Miller, arXiv:2411.00640, §5).
    /// </summary>
    public static double MinimumDetectableEffect(double standardError, double level = Estimate.DefaultLevel, double power = DefaultPower) =>
        Factor(level, power) * standardError;

    /// <summary>
    /// Cases needed in all to find a mean difference: n·((z₍₁₋α/₂₎ + z_power)·SE / difference)², SE being what
    /// <paramref name="cases"/> such cases gave, clusters and repeats included.
    /// </summary>
    public static double CasesNeeded(int cases, double standardError, double difference, double level = Estimate.DefaultLevel, double power = DefaultPower) =>
        cases * Math.Pow(Factor(level, power) * standardError / difference, 2);

    /// <summary>
    /// Pairs McNemar's test needs where nothing was measured yet: (z₍₁₋α/₂₎·√d + z_power·√(d − δ²))² / δ², with d the share
    /// of cases the teams will differ on and δ the difference (Connor, Biometrics 43, 1987, 207–211).
    /// </summary>
    public static double McNemarPairs(double discordantShare, double difference, double level = Estimate.DefaultLevel, double power = DefaultPower)
    {
        if (!(Math.Abs(difference) > 0 && Math.Abs(difference) <= discordantShare && discordantShare <= 1))
            throw new ArgumentOutOfRangeException(nameof(difference), difference, "The difference is above 0 and at most the share of cases the teams differ on.");
        var (z, zPower) = (Estimate.Quantile(level), OfPower(power));
        var root = z * Math.Sqrt(discordantShare) + zPower * Math.Sqrt(discordantShare - difference * difference);
        return root * root / (difference * difference);
    }

    private static double Factor(double level, double power) => Estimate.Quantile(level) + OfPower(power);

    private static double OfPower(double power) => power is > 0 and < 1
        ? Normal.InvCDF(0, 1, power)
        : throw new ArgumentOutOfRangeException(nameof(power), power, "Power lies between 0 and 1.");
}
