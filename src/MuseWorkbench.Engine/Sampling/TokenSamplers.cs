using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>Picks the sampler that options ask for.</summary>
internal static class TokenSamplers
{
    /// <param name="pieces">The tokens' texts, asked for only where the output is constrained.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ITokenSampler Create(SamplingOptions options, int vocabularySize, Func<VocabularyPieces> pieces)
    {
        Require(float.IsFinite(options.Temperature) && options.Temperature >= 0, "The temperature must be 0 or more.");
        Require(options.TopK >= 0, "Top-k must be 0 or more.");
        Require(options.TopP is > 0 and <= 1, "Top-p must be above 0 and at most 1.");
        Require(options.MinP is >= 0 and <= 1, "Min-p must be from 0 to 1.");
        Require(float.IsFinite(options.RepeatPenalty) && options.RepeatPenalty > 0, "The repeat penalty must be above 0.");
        Require(float.IsFinite(options.FrequencyPenalty) && float.IsFinite(options.PresencePenalty), "Penalties must be finite.");
        Require(options.PenaltyWindow >= 0, "The penalty window must be 0 or more.");
        foreach (var (token, bias) in options.LogitBias)
        {
            Require((uint)token < (uint)vocabularySize, $"Token {token} of the logit bias is not in the vocabulary of {vocabularySize}.");
            Require(bias < float.PositiveInfinity, "A logit bias must be finite or −∞."); // false for NaN as well
        }

        ITokenDrawer sampler = options is { Temperature: 0, LogitBias.IsEmpty: true } && !HasPenalties(options)
            ? new GreedySampler()
            : new LlamaSampler(options, vocabularySize);
        return options.Constraint is { } constraint ? new ConstrainedSampler(sampler, constraint, pieces()) : sampler;
    }

    internal static bool HasPenalties(SamplingOptions options) =>
        options.PenaltyWindow > 0 && options is not { RepeatPenalty: 1, FrequencyPenalty: 0, PresencePenalty: 0 };

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
