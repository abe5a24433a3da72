using System.Collections.Immutable;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>What kind of server a member is; what it can do and how it tells its load follow from it.</summary>
public enum MemberKind
{
    /// <summary>One of our own engine nodes.</summary>
    Node,
    LlamaServer,
    Vllm,
    SGLang,

    /// <summary>Any other OpenAI-compatible server.</summary>
    OpenAI,
}

/// <summary>Where a member stands.</summary>
public enum MemberPhase
{
    /// <summary>It starts, or is being asked what it can do for the first time.</summary>
    Starting,
    Ready,

    /// <summary>It does not answer, or not as it should; it is asked again.</summary>
    Unreachable,

    /// <summary>It can't work as it is set up.</summary>
    Failed,
    Stopped,

    /// <summary>It does not run because nobody needs it; it is started for the next agent that does.</summary>
    Asleep,
}

/// <summary>What is known of a member at one moment; immutable.</summary>
/// <param name="Phase">Where it stands.</param>
/// <param name="Reason">Why it is not ready; a sentence for the user.</param>
public sealed record MemberStatus(MemberPhase Phase, string? Reason = null)
{
    public MemberKind Kind { get; init; }

    /// <summary>What it serves; none until it said so.</summary>
    public ImmutableArray<ModelInfo> Models { get; init; } = [];

    /// <summary>Whether it goes on with a reply that was begun elsewhere.</summary>
    public bool CanContinue { get; init; }

    /// <summary>Sequences it decodes at once; null where it doesn't say.</summary>
    public int? Rows { get; init; }
}

/// <summary>A server that agents can be placed on. Thread-safe.</summary>
public interface IPoolMember
{
    /// <summary>Unique in the pool; shown to users.</summary>
    string Name { get; }

    /// <summary>Where it is, for the reader: an address, or the model's file.</summary>
    string Place { get; }

    /// <summary>Whether it is a process of this workbench.</summary>
    bool IsLocal { get; }

    MemberStatus Status { get; }

    /// <summary>What it last told of its load; null where it tells none.</summary>
    EngineSnapshot? Latest { get; }

    /// <summary>Raised on any thread when <see cref="Status"/> or <see cref="Latest"/> changed.</summary>
    event Action? Changed;

    /// <summary>Its endpoint for a model, or for its first one; waits while it starts.</summary>
    /// <exception cref="ChatClientException">It failed, or doesn't serve that model; the message is for the user.</exception>
    ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken);

    /// <summary>Its endpoint once another process serves in place of the one that failed an agent; null where none will.</summary>
    /// <param name="failed">The endpoint that failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChatClientException">It does not run again, or serves another model; the message is for the user.</exception>
    ValueTask<AgentEndpoint?> ConnectAgainAsync(AgentEndpoint failed, CancellationToken cancellationToken) => ValueTask.FromResult<AgentEndpoint?>(null);

    /// <summary>Starts it anew, or asks it anew what it can do.</summary>
    Task RestartAsync();
}
