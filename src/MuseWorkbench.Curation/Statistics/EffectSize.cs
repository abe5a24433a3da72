namespace MuseWorkbench.Curation.Statistics;

/// <summary>How large a difference is, apart from how sure it is.</summary>
public static class EffectSize
{
    /// <summary>
    /// Cohen's h of two shares: 2·asin √b − 2·asin √a (Cohen, "Statistical Power Analysis", 1988, chapter 6). About 0.2 is
    /// small, 0.5 medium, 0.8 large: a step from 50 % to 60 % counts less than one from 85 % to 95 %.
    /// </summary>
    public static double CohenH(double a, double b) => 2 * Math.Asin(Math.Sqrt(Share(b))) - 2 * Math.Asin(Math.Sqrt(Share(a)));

    private static double Share(double value) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A share lies between 0 and 1.");
}
