using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>Where a sequence stands in an engine.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SequenceState>))]
public enum SequenceState
{
    /// <summary>Waits for its first place.</summary>
    [JsonStringEnumMemberName("queued")] Queued,

    /// <summary>Its prompt is being computed, or what a preemption undid.</summary>
    [JsonStringEnumMemberName("prefilling")] Prefilling,

    /// <summary>Generates, one token a step.</summary>
    [JsonStringEnumMemberName("decoding")] Decoding,

    /// <summary>Lost its place to others and waits for one again.</summary>
    [JsonStringEnumMemberName("preempted")] Preempted,

    /// <summary>No sequence any more but its prompt, kept for others to begin from.</summary>
    [JsonStringEnumMemberName("pinned")] Pinned,
}

/// <summary>One sequence under way, or one prompt kept for reuse, as <c>GET /slots</c> tells it. Names are llama-server's where it has one. Holds no text of the prompt.</summary>
public sealed record EngineSequence
{
    /// <summary>The request's id; <c>prefix-N</c> for a pinned prompt.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }

    /// <summary>Sequence of the KV cache; null while it has none.</summary>
    [JsonPropertyName("id_slot")] public int? Slot { get; init; }

    [JsonPropertyName("state")] public required SequenceState State { get; init; }

    [JsonPropertyName("is_processing")] public bool IsProcessing => State is SequenceState.Prefilling or SequenceState.Decoding;

    /// <summary>Whether it waits for a prompt beginning that another sequence is computing.</summary>
    [JsonPropertyName("is_following")] public bool IsFollowing { get; init; }

    [JsonPropertyName("run_id")] public string? Run { get; init; }

    /// <summary>Who of the run it is, as the request said.</summary>
    [JsonPropertyName("agent")] public string? Agent { get; init; }

    [JsonPropertyName("priority")] public int Priority { get; init; }

    [JsonPropertyName("n_prompt_tokens")] public required int PromptTokens { get; init; }

    /// <summary>Those of them found in the cache when it was first given a place.</summary>
    [JsonPropertyName("n_prompt_tokens_cache")] public int CachedTokens { get; init; }

    /// <summary>Those computed so far; what a preemption undid does not count.</summary>
    [JsonPropertyName("n_prompt_tokens_processed")] public int ProcessedTokens { get; init; }

    [JsonPropertyName("n_decoded")] public int GeneratedTokens { get; init; }

    /// <summary>Tokens it may still generate.</summary>
    [JsonPropertyName("n_remain")] public int RemainingTokens { get; init; }

    /// <summary>KV cells others hold, too.</summary>
    [JsonPropertyName("n_cells_shared")] public int SharedCells { get; init; }

    /// <summary>KV cells it alone holds.</summary>
    [JsonPropertyName("n_cells_private")] public int PrivateCells { get; init; }

    [JsonPropertyName("n_images")] public int Images { get; init; }

    /// <summary>Times it lost its place.</summary>
    [JsonPropertyName("n_preemptions")] public int Preemptions { get; init; }

    /// <summary>Seconds since arrival; null for a pinned prompt.</summary>
    [JsonPropertyName("age_s")] public double? AgeSeconds { get; init; }
}
