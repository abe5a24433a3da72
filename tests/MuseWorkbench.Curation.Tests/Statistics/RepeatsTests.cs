using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests.Statistics;

public class RepeatsTests
{
    [Theory]
    [InlineData(RepeatReducer.Mean, 1, 0.375)]
    [InlineData(RepeatReducer.Mode, 1, 0.0)]
    [InlineData(RepeatReducer.PassAtK, 1, 0.25)]
    [InlineData(RepeatReducer.PassAtK, 2, 0.5)]
    [InlineData(RepeatReducer.PassHatK, 1, 0.25)]
    [InlineData(RepeatReducer.PassHatK, 2, 0.0)]
    [InlineData(RepeatReducer.AtLeastK, 1, 1.0)]
    [InlineData(RepeatReducer.AtLeastK, 2, 0.0)]
    public void Reduce_OneOfFourCorrectOneHalf_ByItsRule(RepeatReducer reducer, int k, double expected) =>
        Assert.Equal(expected, Repeats.Reduce([0, 1, 0.5, 0], reducer, k)!.Value, 1e-12);

    [Fact]
    public void Mode_Tie_LowestWhateverTheOrder() =>
        Assert.All(new double[][] { [1, 0, 1, 0], [0, 1, 0, 1] }, scores => Assert.Equal(0, Repeats.Reduce(scores, RepeatReducer.Mode)));

    [Fact]
    public void Reduce_FewerScoresThanK_NoScore()
    {
        Assert.Null(Repeats.Reduce([1, 1], RepeatReducer.PassHatK, 3));
        Assert.Null(Repeats.Reduce([], RepeatReducer.Mean));
    }

    // The estimator's mean over all samples of c ~ Binomial(n, p) is the true 1 − (1 − p)ᵏ.
    [Fact]
    public void PassAtK_OverAllSamples_Unbiased()
    {
        const int N = 8, K = 3;
        const double P = 0.3;
        var mean = Enumerable.Range(0, N + 1).Sum(c =>
            MathNet.Numerics.Distributions.Binomial.PMF(P, N, c) * Repeats.PassAtK(N, c, K));
        Assert.Equal(1 - Math.Pow(1 - P, K), mean, 1e-12);
    }
}
