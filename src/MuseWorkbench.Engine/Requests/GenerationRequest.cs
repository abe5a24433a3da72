using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Requests;

/// <summary>One sequence to generate: a prompt of text and images, how to sample, when to stop.</summary>
public sealed record GenerationRequest
{
    /// <summary>For logs and telemetry.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is: runs are served alike, however many requests each has. Null is a run of its own.</summary>
    public string? Run { get; init; }

    /// <summary>Who of the run asks; for telemetry.</summary>
    public string? Agent { get; init; }

    /// <summary>Lower goes first, and takes the place of higher ones where there is no room for both.</summary>
    public int Priority { get; init; }

    /// <summary>The rendered chat, in order.</summary>
    public required IReadOnlyList<PromptPart> Prompt { get; init; }

    public required SamplingOptions Sampling { get; init; }

    /// <summary>Most tokens to generate; the context's end stops too.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Texts that end generation; neither they nor what follows is emitted.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Alternatives to report per token, 0 to 20; −1 reports none and computes no log-probabilities.</summary>
    public int TopLogProbs { get; init; } = -1;

    /// <summary>Events that come within this time are given together, but for the first; zero gives each as it happens.</summary>
    public TimeSpan Pace { get; init; }

    /// <summary>Whether the answer is kept for reuse as the prompt is: the next turn goes on behind it. That of a cancelled request is in any case.</summary>
    public bool KeepAnswer { get; init; }

    /// <summary>Whether each token's confidence is reported.</summary>
    public bool Confidence { get; init; }
}

/// <summary>A piece of a prompt.</summary>
public abstract record PromptPart;

/// <summary>Text; control tokens written in it count only where <paramref name="Trusted"/> (the template's own text, never a user's).</summary>
public sealed record TextPart(string Text, bool Trusted) : PromptPart;

/// <summary>An image, decoded and within limits.</summary>
public sealed record ImagePart(RgbImage Image) : PromptPart;

/// <summary>What happens to a request, in order: progress, tokens, then exactly one finish.</summary>
public abstract record GenerationEvent;

/// <summary>The prompt so far, in tokens. <paramref name="Processed"/> includes <paramref name="Cached"/>.</summary>
public sealed record PromptProgress(int Total, int Cached, int Processed) : GenerationEvent;

/// <summary>A token was drawn. <paramref name="Text"/> holds whole characters only and may be empty while one is incomplete or a stop text may be starting.</summary>
public sealed record TokenGenerated(int Token, string Text, TokenLogProbs? LogProbs) : GenerationEvent
{
    /// <summary>−(1/k) Σ ln p over the k = 20 likeliest tokens (arXiv 2508.15260), in nats; null where not asked for.</summary>
    public float? Confidence { get; init; }
}

/// <summary>The token's log-probability under the model (temperature 1, before sampling filters), and the likeliest alternatives.</summary>
public sealed record TokenLogProbs(LogProb Chosen, IReadOnlyList<LogProb> Top);

/// <summary>A token, the bytes it stands for, and the natural logarithm of its probability.</summary>
public sealed record LogProb(int Token, byte[] Bytes, float Value);

/// <summary>The request ended. <paramref name="Text"/> is text held back until now.</summary>
public sealed record GenerationFinished(FinishReason Reason, string Text, GenerationUsage Usage, GenerationTimings Timings) : GenerationEvent;

/// <summary>Why generation ended; cancellation is seen as <see cref="OperationCanceledException"/> by the caller who cancelled.</summary>
public enum FinishReason { Stop, Length }

/// <summary>Token counts; image tokens count as prompt tokens.</summary>
public sealed record GenerationUsage(int PromptTokens, int CachedTokens, int GeneratedTokens);

/// <summary>Milliseconds from the request's arrival.</summary>
/// <param name="QueueMs">To the first step that carried it (or found all of its prompt cached).</param>
/// <param name="PrefillMs">From there to the end of the prompt.</param>
/// <param name="TimeToFirstTokenMs">To the first token drawn.</param>
/// <param name="DecodeMs">From the first token to the last.</param>
public sealed record GenerationTimings(double QueueMs, double PrefillMs, double TimeToFirstTokenMs, double DecodeMs)
{
    /// <summary>When the request arrived, by the wall clock; for traces.</summary>
    public DateTimeOffset ArrivedAt { get; init; }

    /// <summary>From the first step that carried the request to the last token.</summary>
    public double InferenceMs => TimeToFirstTokenMs + DecodeMs - QueueMs;
}

/// <summary>The request can't be served as asked; nothing was started. Carries the API's error code and the parameter at fault.</summary>
public sealed class RequestRejectedException(string message, string code, string? parameter = null) : Exception(message)
{
    /// <summary>Such as <c>context_length_exceeded</c>, <c>invalid_image</c>, <c>invalid_value</c>.</summary>
    public string Code { get; } = code;
    public string? Parameter { get; } = parameter;
}

/// <summary>The engine failed under the request (native failure, shutdown). Asking again may work.</summary>
public sealed class EngineFailedException(string message, Exception? inner = null) : Exception(message, inner);
