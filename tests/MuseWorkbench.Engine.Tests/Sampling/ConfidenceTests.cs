using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Sampling;

public sealed class ConfidenceTests
{
    [Fact]
    public void Of_TokensAlike_IsTheLogarithmOfTheirNumber() =>
        Assert.Equal(Math.Log(1000), TokenConfidence.Of(new float[1000]), 1e-4);

    [Fact]
    public void Of_ThreeTokens_IsTheMeanOfTheirSurprise()
    {
        // p = 1/2, 1/4, 1/4: (ln 2 + 2 ln 4) / 3 = 5/3 ln 2
        float[] logits = [MathF.Log(2), 0, 0];

        Assert.Equal(5.0 / 3 * Math.Log(2), TokenConfidence.Of(logits), 1e-5);
        Assert.Equal(5.0 / 3 * Math.Log(2), TokenConfidence.Of([.. logits, float.NegativeInfinity]), 1e-5);
    }

    [Fact]
    public void Of_MoreThanTwentyTokens_CountsTheLikeliestTwenty()
    {
        var random = new Random(5);
        var logits = Enumerable.Range(0, 3000).Select(_ => 20 * random.NextSingle()).ToArray();
        var total = Math.Log(logits.Sum(x => Math.Exp(x)));

        Assert.Equal(logits.OrderDescending().Take(20).Average(x => total - x), TokenConfidence.Of(logits), 1e-3);
    }

    [Fact]
    public void Summarise_GroupsOfTwo_AreMeansOfNeighbours()
    {
        // groups 3, 5, 3, 2
        var summary = Trace(2, 2, 4, 6, 0, 4).Summarise()!;

        Assert.Equal(new ConfidenceSummary(5, 16.0 / 5, 16.0 / 5, 2, 2), summary);
    }

    [Fact]
    public void Summarise_TwentyGroups_TheLeastTenthIsTwo()
    {
        var summary = Trace(1, [.. Enumerable.Range(1, 20).Select(i => (float)i)]).Summarise()!;

        Assert.Equal((1, 1.5), (summary.LowestGroup, summary.Bottom10));
    }

    [Fact]
    public void Summarise_ShorterThanTheWindow_IsOneGroup()
    {
        var trace = Trace(128, 1, 2, 6);

        Assert.Equal(new ConfidenceSummary(3, 3, 3, 3, 3), trace.Summarise());
        Assert.Equal(3, trace.Group);
    }

    [Fact]
    public void Summarise_LongTrace_HasATailOf2048()
    {
        var trace = Trace(16, [.. Enumerable.Repeat(1f, 2048), .. Enumerable.Repeat(3f, 2048)]);

        Assert.Equal((2, 3, 3), (trace.Summarise()!.Mean, trace.Summarise()!.Tail, trace.Group));
    }

    [Fact]
    public void Summarise_NoTokens_IsNull() => Assert.Null(Trace(8).Summarise());

    private static ConfidenceTrace Trace(int window, params float[] confidences)
    {
        var trace = new ConfidenceTrace(window);
        Array.ForEach(confidences, trace.Add);
        return trace;
    }
}
