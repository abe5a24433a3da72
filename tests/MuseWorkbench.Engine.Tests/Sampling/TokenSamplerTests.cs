using System.Collections.Immutable;
using MuseWorkbench.Engine.Runtimes.Llama;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Tests.Sampling;

public sealed class TokenSamplerTests
{
    private static readonly float[] s_logits = [1, 3, 2, 0, 2.5f, -1];

    public TokenSamplerTests() => LlamaNatives.EnsureLoaded(null);

    [Fact]
    public void Sample_TemperatureZero_TakesTheLikeliest()
    {
        using var fast = Create(new() { Temperature = 0 });
        using var chain = Create(new() { Temperature = 0, LogitBias = Bias((5, 0.5f)) });

        Assert.IsType<GreedySampler>(fast);
        Assert.IsType<LlamaSampler>(chain);
        Assert.Equal([1, 1], (int[])[fast.Sample(s_logits), chain.Sample(s_logits)]);
    }

    [Fact]
    public void Sample_GreedyLongRow_FindsTheLikeliestAnywhere()
    {
        using var sampler = TokenSamplers.Create(new() { Temperature = 0 }, 1000, () => throw new InvalidOperationException());
        for (var place = 0; place < 1000; place++)
        {
            var logits = new float[1000];
            logits[place] = 1;
            Assert.Equal(place, sampler.Sample(logits));
        }
    }

    [Fact]
    public void Sample_SameSeed_DrawsTheSameWhateverElseIsDrawn()
    {
        var options = new SamplingOptions { Temperature = 1.5f, Seed = 42 };
        var alone = Draws(options, 200);

        using var sampler = Create(options);
        using var neighbour = Create(options with { Seed = 7 });
        var among = new int[200];
        for (var i = 0; i < among.Length; i++)
        {
            neighbour.Sample(s_logits);
            among[i] = sampler.Sample(s_logits);
        }

        Assert.Equal(alone, among);
        Assert.NotEqual(alone, Draws(options with { Seed = 43 }, 200));
        Assert.Equal(Draws(options with { Seed = uint.MaxValue }, 200), Draws(options with { Seed = uint.MaxValue }, 200));
    }

    [Fact]
    public void Sample_ManyDraws_FollowTheSoftmax()
    {
        const int Count = 20_000;
        var draws = Draws(new() { Temperature = 1, Seed = 1 }, Count);

        var total = s_logits.Sum(x => Math.Exp(x));
        for (var token = 0; token < s_logits.Length; token++)
        {
            var p = Math.Exp(s_logits[token]) / total;
            Assert.InRange(draws.Count(t => t == token), (p * Count) - (5 * Math.Sqrt(Count * p * (1 - p))), (p * Count) + (5 * Math.Sqrt(Count * p * (1 - p))));
        }
    }

    [Fact]
    public void Sample_TopK_DrawsOnlyThem() =>
        Assert.Equal([1, 4], Draws(new() { Temperature = 5, TopK = 2, Seed = 3 }, 300).Distinct().Order());

    [Fact]
    public void Sample_TopP_DrawsOnlyTheSmallestSetThatReachesIt()
    {
        // Softmax: 1 → 0.42, 4 → 0.26, 2 → 0.16, 0 → 0.06 …: 0.6 needs two.
        Assert.Equal([1, 4], Draws(new() { Temperature = 1, TopP = 0.6f, Seed = 3 }, 300).Distinct().Order());
    }

    [Fact]
    public void Sample_MinP_DrawsOnlyThoseNearTheBest()
    {
        // e^(2.5−3) = 0.61 and e^(2−3) = 0.37 of the best.
        Assert.Equal([1, 4], Draws(new() { Temperature = 1, MinP = 0.5f, Seed = 3 }, 300).Distinct().Order());
    }

    [Fact]
    public void Sample_BiasMinusInfinity_NeverDrawsTheToken()
    {
        var bias = Bias((1, float.NegativeInfinity), (4, float.NegativeInfinity));

        Assert.Equal([2], Draws(new() { Temperature = 0, LogitBias = bias }, 3).Distinct());
        Assert.Equal([0, 2, 3, 5], Draws(new() { Temperature = 3, LogitBias = bias, Seed = 9 }, 500).Distinct().Order());
    }

    [Fact]
    public void Sample_RepeatPenalty_MovesOnFromWhatWasDrawnOrAccepted()
    {
        using var sampler = Create(new() { Temperature = 0, RepeatPenalty = 2 });
        using var told = Create(new() { Temperature = 0, RepeatPenalty = 2 });
        told.Accept(1);

        Assert.Equal(1, sampler.Sample(s_logits));
        Assert.Equal(4, sampler.Sample(s_logits)); // 3/2 < 2.5
        Assert.Equal(2, sampler.Sample(s_logits)); // 2.5/2 < 2
        Assert.Equal(4, told.Sample(s_logits));
    }

    [Fact]
    public void Sample_PresencePenaltyOverAShortWindow_ForgetsOldTokens()
    {
        using var sampler = Create(new() { Temperature = 0, PresencePenalty = 10, PenaltyWindow = 1 });

        Assert.Equal([1, 4, 1, 4], (int[])[sampler.Sample(s_logits), sampler.Sample(s_logits), sampler.Sample(s_logits), sampler.Sample(s_logits)]);
    }

    [Fact]
    public void Sample_FrequencyPenalty_GrowsWithEachUse()
    {
        using var sampler = Create(new() { Temperature = 0, FrequencyPenalty = 0.3f });

        // 3 → 2.7 → 2.4 < 2.5
        Assert.Equal([1, 1, 4], (int[])[sampler.Sample(s_logits), sampler.Sample(s_logits), sampler.Sample(s_logits)]);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Sample_LogitsNotNumbers_Throws(float temperature)
    {
        using var sampler = Create(new() { Temperature = temperature });

        Assert.Throws<InvalidOperationException>(() => sampler.Sample(Enumerable.Repeat(float.NaN, 6).ToArray()));
        Assert.Throws<InvalidOperationException>(() => sampler.Sample(Enumerable.Repeat(float.NegativeInfinity, 6).ToArray()));
    }

    [Fact]
    public void Sample_RowOfAnotherLength_Throws()
    {
        using var sampler = Create(new());

        Assert.Throws<ArgumentException>(() => sampler.Sample([1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Accept(6));
    }

    [Fact]
    public void Sample_AfterDispose_Throws()
    {
        var sampler = Create(new());
        sampler.Dispose();
        sampler.Dispose();

        Assert.Throws<ObjectDisposedException>(() => sampler.Sample(s_logits));
    }

    public static TheoryData<SamplingOptions> OutOfRange => new(
        new SamplingOptions { Temperature = -1 }, new SamplingOptions { Temperature = float.NaN }, new SamplingOptions { TopK = -1 }, new SamplingOptions { TopP = 0 }, new SamplingOptions { TopP = 1.1f },
        new SamplingOptions { MinP = -0.1f }, new SamplingOptions { RepeatPenalty = 0 }, new SamplingOptions { FrequencyPenalty = float.NaN }, new SamplingOptions { PenaltyWindow = -1 },
        new SamplingOptions { LogitBias = Bias((6, 1)) }, new SamplingOptions { LogitBias = Bias((1, float.PositiveInfinity)) }, new SamplingOptions { LogitBias = Bias((1, float.NaN)) });

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void Create_OptionOutOfRange_Throws(SamplingOptions options) => Assert.Throws<ArgumentException>(() => Create(options));

    private static ITokenSampler Create(SamplingOptions options) => TokenSamplers.Create(options, s_logits.Length, () => throw new InvalidOperationException());

    private static int[] Draws(SamplingOptions options, int count)
    {
        using var sampler = Create(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Sample(s_logits))];
    }

    private static ImmutableDictionary<int, float> Bias(params (int Token, float Value)[] biases) =>
        biases.ToImmutableDictionary(b => b.Token, b => b.Value);
}
