using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>A checked request for a chat completion; every number is in its range.</summary>
internal sealed record ChatRequest
{
    public required string? Model { get; init; }
    public required IReadOnlyList<ChatMessage> Messages { get; init; }
    public required SamplingOptions Sampling { get; init; }
    /// <summary>Seed of the first sequence; the others count up from it.</summary>
    public required uint Seed { get; init; }
    /// <summary>Sequences to generate from the one prompt, 1 to 16.</summary>
    public required int Count { get; init; }
    /// <summary>Null: as long as the context allows.</summary>
    public required int? MaxTokens { get; init; }
    public required IReadOnlyList<string> Stop { get; init; }
    /// <summary>0 to 20, or −1 for no log-probabilities.</summary>
    public required int TopLogProbs { get; init; }
    /// <summary>Whose it is, for fair shares; null is a run of its own.</summary>
    public required string? RunId { get; init; }
    /// <summary>Who of the run asks; for telemetry.</summary>
    public required string? Agent { get; init; }
    /// <summary>−1000 to 1000, lower first.</summary>
    public required int Priority { get; init; }
    public required bool Stream { get; init; }
    public required bool IncludeUsage { get; init; }
    public required bool ReturnProgress { get; init; }
    /// <summary>Whether the rendered prompt is told with the reply.</summary>
    public required bool ReturnPrompt { get; init; }
    /// <summary>Whether the last message is an assistant's beginning, to be gone on with.</summary>
    public required bool ContinueFinalMessage { get; init; }
    /// <summary>Whether the answer is kept as the prompt is, for a turn that goes on behind it.</summary>
    public required bool CacheAnswer { get; init; }
    /// <summary>Tokens of a group whose confidence is reported; null for no confidence.</summary>
    public required int? ConfidenceWindow { get; init; }
    /// <summary>What the answer must be, by <c>grammar</c> or <c>response_format</c>; null leaves it free.</summary>
    public required Grammar? Grammar { get; init; }
    /// <summary>Null where no tools were sent, or none may be called.</summary>
    public required ToolSet? Tools { get; init; }
    /// <inheritdoc cref="ChatTemplateInput.Variables"/>
    public ImmutableDictionary<string, JsonElement> TemplateVariables { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}

/// <summary>One message, its images still encoded.</summary>
/// <param name="Role">system, user, assistant or tool.</param>
/// <param name="Parts">In order; empty only beside tool calls.</param>
internal sealed record ChatMessage(string Role, IReadOnlyList<MessagePart> Parts)
{
    /// <inheritdoc cref="ChatTurn.ReasoningContent"/>
    public string? ReasoningContent { get; init; }

    /// <inheritdoc cref="ChatTurn.ToolCalls"/>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <inheritdoc cref="ChatTurn.ToolCallId"/>
    public string? ToolCallId { get; init; }

    /// <inheritdoc cref="ChatTurn.Name"/>
    public string? Name { get; init; }
}

/// <summary>Text or an image.</summary>
internal abstract record MessagePart;

/// <summary>Text as its author wrote it.</summary>
internal sealed record MessageText(string Text) : MessagePart;

/// <summary>An encoded image.</summary>
/// <param name="Encoded">The file's bytes.</param>
/// <param name="Parameter">Where it stands in the request, for messages.</param>
internal sealed record MessageImage(ReadOnlyMemory<byte> Encoded, string Parameter) : MessagePart;
