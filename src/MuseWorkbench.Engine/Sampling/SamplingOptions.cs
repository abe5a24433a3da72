using System.Collections.Immutable;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>How the next token is drawn. Names, ranges and defaults follow llama.cpp.</summary>
public sealed record SamplingOptions
{
    /// <summary>0 is greedy.</summary>
    public float Temperature { get; init; } = 0.8f;
    /// <summary>0 is off.</summary>
    public int TopK { get; init; }
    /// <summary>1 is off.</summary>
    public float TopP { get; init; } = 1;
    /// <summary>0 is off.</summary>
    public float MinP { get; init; }
    /// <summary>1 is off.</summary>
    public float RepeatPenalty { get; init; } = 1;
    /// <summary>0 is off.</summary>
    public float FrequencyPenalty { get; init; }
    /// <summary>0 is off.</summary>
    public float PresencePenalty { get; init; }
    /// <summary>Tokens the penalties look back over.</summary>
    public int PenaltyWindow { get; init; } = 64;
    public uint Seed { get; init; }
    /// <summary>Added to a token's logit before anything else.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;
    /// <summary>What the output must be; null leaves it free.</summary>
    public OutputConstraint? Constraint { get; init; }
}

/// <summary>Draws tokens for one sequence and remembers what was drawn (penalties, random state).</summary>
public interface ITokenSampler : IDisposable
{
    /// <summary>Draws from logits (not changed) and accepts the token drawn.</summary>
    int Sample(ReadOnlySpan<float> logits);

    /// <summary>Counts a token the sampler did not draw, such as one of the prompt.</summary>
    void Accept(int token);
}

/// <summary>A sampler that can draw twice before it accepts.</summary>
internal interface ITokenDrawer : ITokenSampler
{
    /// <summary>Draws from logits (not changed) without accepting.</summary>
    int Draw(ReadOnlySpan<float> logits);
}
