using MathNet.Numerics;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// McNemar's test that two teams are right equally often on the same cases: only the cases on which one is right and the
/// other wrong tell. Formulas as in Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91, 2013.
/// Needs independent cases; where several share an image use <see cref="SignFlipTest"/>.
/// </summary>
/// <param name="OnlyA">Cases only the first team got right.</param>
/// <param name="OnlyB">Cases only the second got right.</param>
public sealed record McNemar(int OnlyA, int OnlyB)
{
    private int Discordant => OnlyA + OnlyB;

    /// <summary>Two-sided exact conditional p: min(1, 2·P(X ≤ min)) of a fair coin thrown once per discordant case. Never too small, often too large.</summary>
    public double ExactP => Math.Min(1, 2 * LowerTail(Math.Min(OnlyA, OnlyB)));

    /// <summary>The exact p with only half of what is exactly as far as what was seen: closer to its nominal level than either of the others. 1 where nothing differs.</summary>
    public double MidP => Discordant == 0 ? 1 : ExactP - Point(OnlyA) * (OnlyA == OnlyB ? 0.5 : 1);

    /// <summary>The asymptotic p of χ² = (b − c)²/(b + c), one degree of freedom, no continuity correction.</summary>
    public double ChiSquaredP => Discordant == 0 ? 1 : SpecialFunctions.Erfc(Math.Sqrt(ChiSquared / 2));

    /// <summary>(b − c)²/(b + c); 0 where nothing differs.</summary>
    public double ChiSquared => Discordant == 0 ? 0 : Math.Pow(OnlyA - (double)OnlyB, 2) / Discordant;

    private double LowerTail(int upTo)
    {
        var sum = 0.0;
        for (var x = 0; x <= upTo; x++)
            sum += Point(x);
        return sum;
    }

    private double Point(int x) => Math.Exp(SpecialFunctions.BinomialLn(Discordant, x) - Discordant * Math.Log(2));
}
