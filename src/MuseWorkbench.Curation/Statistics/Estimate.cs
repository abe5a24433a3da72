namespace MuseWorkbench.Curation.Statistics;

/// <summary>A number measured on a sample, and the interval that holds the true one as often as its level says.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Level">How often, over many samples, such intervals hold the true value: 0.95 is 95 %.</param>
public sealed record Estimate(double Value, double Lower, double Upper, double Level)
{
    /// <summary>The usual level.</summary>
    public const double DefaultLevel = 0.95;

    /// <summary>Whether a value lies strictly outside the interval.</summary>
    public bool Excludes(double value) => value < Lower || value > Upper;

    /// <summary>The two-sided normal quantile of a level: 1.96 of 0.95.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is not between 0 and 1.</exception>
    internal static double Quantile(double level)
    {
        if (level is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level lies between 0 and 1.");
        return MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + level) / 2);
    }
}
