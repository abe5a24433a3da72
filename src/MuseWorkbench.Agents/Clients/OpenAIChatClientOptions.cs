namespace MuseWorkbench.Agents.Clients;

/// <summary>Where and how to reach one model behind an OpenAI-compatible API.</summary>
public sealed record OpenAIChatClientOptions
{
    /// <summary>The server's base address, with or without a final <c>/v1</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The model's id there, unless a request names another.</summary>
    public required string Model { get; init; }

    /// <summary>Sent as bearer token; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What the user knows the server as; read after "the".</summary>
    public string ServerName { get; init; } = "model server";

    /// <summary>Longest silence of a server before a request is given up.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest line of a stream, in bytes.</summary>
    public int MaxLineBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Whether the server knows llama-server's parameters (<c>top_k</c>, <c>min_p</c>, <c>return_progress</c>, our node's <c>return_prompt</c>).
    /// Strict servers refuse a request that has them.
    /// </summary>
    public bool LlamaParameters { get; init; } = true;
}
