using System.Text.Json.Serialization;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>A whole reply, as OpenAI's <c>chat.completion</c>, with llama-server's <c>timings</c>.</summary>
internal sealed record ChatCompletion
{
    public required string Id { get; init; }
    public string Object { get; } = "chat.completion";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public required string SystemFingerprint { get; init; }
    public required IReadOnlyList<ChatChoice> Choices { get; init; }
    public required UsageBody Usage { get; init; }
    public required TimingsBody Timings { get; init; }
    /// <inheritdoc cref="ChatJob.PromptText"/>
    public string? Prompt { get; init; }
}

/// <summary>One sequence of a reply.</summary>
internal sealed record ChatChoice(
    int Index,
    ReplyMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LogProbsBody? Logprobs,
    string FinishReason,
    ConfidenceBody? Confidence = null);

/// <summary>The assistant's message.</summary>
/// <param name="Content">Null where there are calls and no text.</param>
/// <param name="ToolCalls">Null where there are none.</param>
internal sealed record ReplyMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content, IReadOnlyList<ReplyToolCall>? ToolCalls = null)
{
    public string Role { get; } = "assistant";
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Refusal { get; }
}

/// <summary>A piece of a streamed reply, as OpenAI's <c>chat.completion.chunk</c>.</summary>
internal sealed record ChatChunk
{
    public required string Id { get; init; }
    public string Object { get; } = "chat.completion.chunk";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public required string SystemFingerprint { get; init; }
    public required IReadOnlyList<ChunkChoice> Choices { get; init; }
    public UsageBody? Usage { get; init; }
    public TimingsBody? Timings { get; init; }
    public ProgressBody? PromptProgress { get; init; }
    /// <inheritdoc cref="ChatJob.PromptText"/>
    public string? Prompt { get; init; }
}

/// <summary>What a chunk adds to one sequence.</summary>
internal sealed record ChunkChoice(
    int Index,
    ChunkDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] LogProbsBody? Logprobs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason = null)
{
    /// <summary>Mean confidence of the latest group of tokens.</summary>
    public double? GroupConfidence { get; init; }

    /// <summary>Of the whole sequence, with its finish.</summary>
    public ConfidenceBody? Confidence { get; init; }
}

/// <summary>How sure the model was, in nats.</summary>
internal sealed record ConfidenceBody(int Tokens, int Window, double Mean, double Tail, double LowestGroup, [property: JsonPropertyName("bottom_10")] double Bottom10);

/// <summary>New text or calls; the role comes once, first.</summary>
internal sealed record ChunkDelta(string? Content = null, string? Role = null, IReadOnlyList<ToolCallBody>? ToolCalls = null);

/// <summary>A call in a stream: whole, with its place among the calls.</summary>
internal sealed record ToolCallBody(int Index, string Id, FunctionBody Function)
{
    public string Type { get; } = "function";
}

/// <summary>A call in a whole reply.</summary>
internal sealed record ReplyToolCall(string Id, FunctionBody Function)
{
    public string Type { get; } = "function";
}

/// <summary>What is called; the arguments are JSON, as text.</summary>
internal sealed record FunctionBody(string Name, string Arguments);

/// <summary>Token counts; image tokens count as prompt tokens.</summary>
internal sealed record UsageBody(int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails);

/// <inheritdoc cref="UsageBody"/>
internal sealed record PromptTokensDetails(int CachedTokens);

/// <summary>Milliseconds and counts, named as llama-server names them.</summary>
internal sealed record TimingsBody(
    double QueueMs, int CacheN, int PromptN, double PromptMs, double TtftMs, int PredictedN, double PredictedMs, double PredictedPerSecond);

/// <summary>How much of the prompt is read, in tokens.</summary>
internal sealed record ProgressBody(int Total, int Cache, int Processed, double TimeMs);

/// <summary>Log-probabilities of the tokens of a choice or chunk.</summary>
internal sealed record LogProbsBody(IReadOnlyList<TokenLogProbBody> Content)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Refusal { get; }
}

/// <summary>A token drawn, and the likeliest instead of it.</summary>
internal sealed record TokenLogProbBody(string Token, double Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<TopLogProbBody> TopLogprobs);

/// <summary>A likely token.</summary>
internal sealed record TopLogProbBody(string Token, double Logprob, IReadOnlyList<int> Bytes);
