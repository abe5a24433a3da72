using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests.Statistics;

/// <summary>
/// Figures of others. "published": as printed in the source named. Otherwise computed with NumPy 1.24.2, SciPy 1.10.1 and
/// statsmodels 0.13.5, by the call named beside them.
/// </summary>
public class ReferenceTests
{
    private const double Tight = 1e-9;

    // proportion_confint(successes, trials, alpha, method='wilson').
    [Theory]
    [InlineData(81, 263, 0.95, 0.2552885198782742, 0.36620957698280004)]
    [InlineData(15, 148, 0.95, 0.06238639953073628, 0.16048724172330803)]
    [InlineData(0, 20, 0.95, 0.0, 0.1611251580528194)]
    [InlineData(1, 29, 0.95, 0.006113214292762667, 0.17175521879320294)]
    [InlineData(29, 29, 0.99, 0.813809012123496, 1.0)]
    [InlineData(412, 1000, 0.9, 0.3866694577132248, 0.43780543309697306)]
    public void Wilson_Statsmodels_Same(int successes, int trials, double level, double lower, double upper)
    {
        var interval = Proportion.Wilson(successes, trials, level);
        Assert.Equal(lower, interval.Lower, Tight);
        Assert.Equal(upper, interval.Upper, Tight);
    }

    // Published: Newcombe 1998, Table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_Newcombe_AsPrinted(int successes, int trials, double lower, double upper)
    {
        var interval = Proportion.Wilson(successes, trials);
        Assert.Equal((lower, upper), (Math.Round(interval.Lower, 4), Math.Round(interval.Upper, 4)));
    }

    // mcnemar(table, exact=True), mcnemar(table, exact=False, correction=False); mid-p from scipy.stats.binom.
    [Theory]
    [InlineData(1, 7, 0.0703125, 0.039062500000000014, 4.5, 0.033894853524689295)]
    [InlineData(86, 150, 3.715936139571387e-05, 2.8933895176154288e-05, 17.35593220338983, 3.099293441045215e-05)]
    [InlineData(12, 5, 0.143463134765625, 0.09625244140624994, 2.8823529411764706, 0.08955507441364248)]
    [InlineData(6, 6, 1.0, 0.8872070312499999, 0.0, 1.0)]
    [InlineData(40, 0, 1.8189894035458565e-12, 9.094947017729282e-13, 40.0, 2.5396285894708634e-10)]
    public void McNemar_Statsmodels_Same(int onlyA, int onlyB, double exact, double mid, double chiSquared, double asymptotic)
    {
        var test = new McNemar(onlyA, onlyB);
        Assert.Equal(1, test.ExactP / exact, Tight);
        Assert.Equal(1, test.MidP / mid, Tight);
        Assert.Equal(chiSquared, test.ChiSquared, Tight);
        Assert.Equal(1, test.ChiSquaredP / asymptotic, 1e-7);
    }

    // Published: Fagerland, Lydersen and Laake 2013, airway hyper-responsiveness before and after transplantation.
    [Fact]
    public void McNemar_Fagerland_AsPrinted()
    {
        var test = new McNemar(1, 7);
        Assert.Equal((0.070, 0.039, 0.034), (Math.Round(test.ExactP, 3), Math.Round(test.MidP, 3), Math.Round(test.ChiSquaredP, 3)));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(86, 150)]
    [InlineData(6, 6)]
    [InlineData(40, 0)]
    [InlineData(0, 0)]
    public void SignFlip_IndependentRightOrWrong_IsExactMcNemar(int onlyA, int onlyB)
    {
        var differences = Enumerable.Repeat(-1.0, onlyA).Concat(Enumerable.Repeat(1.0, onlyB)).Append(0);
        Assert.Equal(new McNemar(onlyA, onlyB).ExactP, SignFlipTest.P(ClusteredSample.Of(differences)), 1e-12);
    }

    // All 2¹² sign patterns, counted with itertools.product.
    [Fact]
    public void SignFlip_PartialScores_IsShareOfAllPatterns() =>
        Assert.Equal(0.09326171875, SignFlipTest.P(ClusteredSample.Of([1, 2, -1, 3, 1, -2, 1, 1, 2, .5, 1.5, -.5])), 1e-12);

    [Fact]
    public void SignFlip_TooManyPatterns_DrawsCloseToExact()
    {
        // √2 keeps the sums from being wholes; the pattern's p does not depend on the unit.
        double[] differences = [.. Enumerable.Repeat(1.0, 9).Concat(Enumerable.Repeat(-1.0, 3))];
        var exact = new McNemar(3, 9).ExactP;
        var drawn = SignFlipTest.P(ClusteredSample.Of(differences.Select(d => d * Math.Sqrt(2))), draws: 200_000);
        Assert.Equal(exact, drawn, 0.005);
        Assert.NotEqual(exact, drawn);
    }

    // Published: the generator's first numbers from seed 1234567 (test vectors that go round with its C source).
    [Fact]
    public void RandomStream_KnownSeed_KnownNumbers()
    {
        var random = new RandomStream(1234567);
        Assert.Equal(
            [6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL, 4593380528125082431UL, 16408922859458223821UL],
            Enumerable.Range(0, 5).Select(_ => random.Next()));
    }

    // 40 values in 7 clusters of unequal size.
    private static ClusteredSample Clustered() =>
        ClusteredSample.Of(Enumerable.Range(0, 40).Select(i => ($"{i * i % 13}", (i * 37 % 11 - 4) / 4.0)));

    // sm.OLS(values, ones).fit(cov_type='cluster', cov_kwds={'groups': …}).bse; scipy.stats.t.ppf.
    [Fact]
    public void ClusteredError_Statsmodels_Same()
    {
        var sample = Clustered();
        Assert.Equal(0.2125, sample.Mean, Tight);
        Assert.Equal(0.07499739578812058, sample.StandardError, Tight);
        var interval = sample.TInterval();
        Assert.Equal(0.028987983617528468, interval.Lower, Tight);
        Assert.Equal(0.3960120163824715, interval.Upper, Tight);
    }

    // The same draws (SplitMix64) in Python; numpy.quantile, scipy.stats.norm.
    [Fact]
    public void Bootstrap_SameDrawsInNumPy_SameIntervals()
    {
        var sample = Clustered();
        var replicates = ClusterBootstrap.Replicate(sample, 2000, seed: 7);
        var percentile = ClusterBootstrap.Percentile(sample.Mean, replicates);
        Assert.Equal(0.09027777777777778, percentile.Lower, Tight);
        Assert.Equal(0.3630952380952381, percentile.Upper, Tight);
        Assert.Equal(0.10965388110161095, ClusterBootstrap.Acceleration(sample), Tight);
        var corrected = ClusterBootstrap.BiasCorrected(sample, replicates);
        Assert.Equal(0.11842105263157894, corrected.Lower, Tight);
        Assert.Equal(0.42857142857142855, corrected.Upper, Tight);
    }

    // multipletests(p, method='holm').
    [Fact]
    public void Holm_Statsmodels_Same()
    {
        var adjusted = Holm.Adjust([.01, .04, .03, .005, .2, .04]);
        double[] expected = [.05, .12, .12, .03, .2, .12];
        Assert.All(expected.Zip(adjusted), pair => Assert.Equal(pair.First, pair.Second, Tight));
    }

    // R's pwr::ES.h gives 0.2013579 and 0.344372.
    [Fact]
    public void CohenH_Pwr_Same()
    {
        Assert.Equal(0.20135792079033066, EffectSize.CohenH(.5, .6), Tight);
        Assert.Equal(0.34437201838788045, EffectSize.CohenH(.85, .95), Tight);
        Assert.Equal(-0.20135792079033066, EffectSize.CohenH(.6, .5), Tight);
    }

    // The formulas with scipy.stats.norm.ppf.
    [Fact]
    public void Power_SciPy_Same()
    {
        Assert.Equal(0.042023778271694526, Power.MinimumDetectableEffect(.015), Tight);
        Assert.Equal(1744.19549652202, Power.CasesNeeded(500, .02, .03), 1e-6);
        Assert.Equal(233.09453820467385, Power.McNemarPairs(.3, .1), 1e-6);
    }

    // cohens_kappa(table).kappa, .std_kappa, .kappa_low, .kappa_upp. The first table is a textbook one: κ = 0.4.
    [Fact]
    public void Kappa_Statsmodels_Same()
    {
        Assert.Equal(0.4, CohenKappa.Of(new[,] { { 20, 5 }, { 10, 15 } })!.Kappa.Value, Tight);
        int[,] table = { { 22, 5, 2, 1 }, { 4, 18, 6, 2 }, { 1, 7, 15, 5 }, { 0, 2, 4, 26 } };
        Check(KappaWeights.None, 0.5661042091600222, 0.05685677237200643, 0.4546669830336976, 0.6775414352863469);
        Check(KappaWeights.Linear, 0.6828892314468178, 0.0487153070943882, 0.5874089840460083, 0.7783694788476273);
        Check(KappaWeights.Quadratic, 0.7775839511556912, 0.047232004933243935, 0.6850109225689149, 0.8701569797424675);

        void Check(KappaWeights weights, double kappa, double error, double lower, double upper)
        {
            var found = CohenKappa.Of(table, weights)!;
            Assert.Equal(kappa, found.Kappa.Value, Tight);
            Assert.Equal(error, found.StandardError, Tight);
            Assert.Equal(lower, found.Kappa.Lower, 1e-8);
            Assert.Equal(upper, found.Kappa.Upper, 1e-8);
        }
    }

    // Published: Agresti's American League 1987 season; abilities against Baltimore and their errors as R's BradleyTerry2
    // prints them (1.581 (0.343) … 0.684 (0.332)); more digits by Newton's method in NumPy.
    [Fact]
    public void BradleyTerry_AmericanLeague1987_AsPublished()
    {
        string[] names = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"];
        int[][] wins = [[0, 7, 9, 7, 7, 9, 11], [6, 0, 7, 5, 11, 9, 9], [4, 6, 0, 7, 7, 8, 12], [6, 8, 6, 0, 6, 7, 10], [6, 2, 6, 7, 0, 7, 12], [4, 4, 5, 6, 6, 0, 6], [2, 4, 1, 3, 1, 7, 0]];
        var votes = from i in Enumerable.Range(0, 7) from j in Enumerable.Range(0, 7) from _ in Enumerable.Range(0, wins[i][j]) select new Vote(names[i], names[j], 1);
        var fit = BradleyTerry.Fit(votes)!;
        (double, double)[] expected =
        [
            (1.5813558766613955, 0.34325598159466814), (1.4364084318124382, 0.33956850637888125), (1.2944851239118078, 0.3366694014228807),
            (1.247617845141389, 0.3358609225257627), (1.107697705378657, 0.33387820698942716), (0.6838527691591635, 0.33187667271108223),
        ];
        Assert.True(fit.IsIdentified);
        Assert.All(expected.Zip(names), pair =>
        {
            var (value, error) = fit.LogOdds(pair.Second, "Baltimore");
            Assert.Equal(pair.First.Item1, value, 1e-8);
            Assert.Equal(pair.First.Item2, error, 1e-8);
        });
    }

    // A player rated 1613 meets these and scores 2.5 of an expected 2.867 (a worked example that goes round): 1601 with K = 32.
    [Fact]
    public void Elo_WorkedExample_AsPrinted()
    {
        double[] opponents = [1609, 1477, 1388, 1586, 1720];
        var expected = opponents.Sum(opponent => Elo.Expected(1613, opponent));
        Assert.Equal(2.867, expected, 0.001);
        Assert.Equal(1601, Math.Round(1613 + 32 * (2.5 - expected)));
    }

    // scipy.special.comb(…, exact=True).
    [Theory]
    [InlineData(10, 3, 1, 0.3)]
    [InlineData(10, 3, 5, 0.9166666666666666)]
    [InlineData(200, 7, 100, 0.9929911172418123)]
    [InlineData(5, 5, 2, 1.0)]
    public void PassAtK_SciPy_Same(int n, int c, int k, double expected) => Assert.Equal(expected, Repeats.PassAtK(n, c, k), 1e-12);

    [Theory]
    [InlineData(10, 3, 1, 0.3)]
    [InlineData(10, 8, 5, 0.2222222222222222)]
    [InlineData(200, 190, 8, 0.6584218521966568)]
    public void PassHatK_SciPy_Same(int n, int c, int k, double expected) => Assert.Equal(expected, Repeats.PassHatK(n, c, k), 1e-12);
}
