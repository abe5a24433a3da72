using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Sampling;

public sealed class LogProbabilitiesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(690)]
    [InlineData(151_936)]
    public void Compute_WholeVocabulary_SumsToOneAndIsSorted(int vocabulary)
    {
        var random = new Random(3);
        var logits = Enumerable.Range(0, vocabulary).Select(_ => 30 * (random.NextSingle() - 0.5f)).ToArray();

        var result = LogProbabilities.Compute(logits, 0, vocabulary > 1000 ? 20 : vocabulary, t => BitConverter.GetBytes(t));

        var exact = logits.Select(x => (double)x).ToArray();
        var total = Math.Log(exact.Sum(x => Math.Exp(x)));
        Assert.Equal(exact[0] - total, result.Chosen.Value, 1e-4);
        var expected = Enumerable.Range(0, vocabulary).OrderByDescending(t => logits[t]).Take(result.Top.Count).ToArray();
        Assert.Equal(expected, result.Top.Select(t => t.Token));
        Assert.All(result.Top, t => Assert.Equal(exact[t.Token] - total, t.Value, 1e-4));
        Assert.All(result.Top, t => Assert.Equal(BitConverter.GetBytes(t.Token), t.Bytes));
        if (vocabulary <= 1000)
        {
            Assert.Equal(1, result.Top.Sum(t => Math.Exp(t.Value)), 1e-4);
        }
    }

    [Fact]
    public void Compute_LargeLogits_DoNotOverflow()
    {
        var result = LogProbabilities.Compute([1000, 1000, -1000], 1, 2, _ => []);

        Assert.Equal(Math.Log(0.5), result.Chosen.Value, 5);
        Assert.Equal([0, 1], result.Top.Select(t => t.Token)); // equals: the first first
    }

    [Fact]
    public void Compute_ExcludedToken_HasAFiniteValue()
    {
        var result = LogProbabilities.Compute([0, float.NegativeInfinity], 1, 5, _ => []);

        Assert.Equal(float.MinValue, result.Chosen.Value);
        Assert.Equal(0, result.Top[0].Value);
        Assert.Equal(2, result.Top.Count);
    }

    [Fact]
    public void Compute_NoAlternativesWanted_GivesNone() =>
        Assert.Empty(LogProbabilities.Compute([1, 2], 0, 0, _ => []).Top);

    [Fact]
    public void Compute_ChosenOutOfRange_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LogProbabilities.Compute([1, 2], 2, 0, _ => []));
}
