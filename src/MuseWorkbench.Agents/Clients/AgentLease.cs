using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Clients;

/// <summary>What an agent needs of a server.</summary>
public sealed record AgentPlace
{
    public required Guid Run { get; init; }

    /// <summary>Its index in the run.</summary>
    public required int Agent { get; init; }
    public string Name { get; init; } = "";
    public int Stage { get; init; } = 1;

    /// <summary>The model it is to be; null for any.</summary>
    public string? Model { get; init; }

    /// <summary>Agents of the run that ask at the same time over the same beginning, this one among them.</summary>
    public int Together { get; init; } = 1;

    /// <summary>The prompt's shared beginning, images and question, as a hash.</summary>
    public ulong Prefix { get; init; }

    /// <summary>Images that go with the question.</summary>
    public int Images { get; init; }

    /// <summary>How much larger than they are they are shown, per side.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Tokens of the words, about.</summary>
    public int TextTokens { get; init; }

    /// <summary>Most tokens the agent may generate.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Whether images go with the question.</summary>
    public bool Vision => Images > 0;

    /// <summary>Tokens of the whole prompt on a model, about.</summary>
    public int PromptTokensOn(ModelInfo? model) => (Images * ModelInfo.EstimateImage(model, Scale)) + TextTokens;

    /// <summary>Servers it is not to be sent to: they failed it.</summary>
    public ImmutableArray<string> Except { get; init; } = [];
}

/// <summary>A place on a server, held by one agent while it works there. Disposing gives it back.</summary>
public class AgentLease(AgentEndpoint endpoint) : IDisposable
{
    public AgentEndpoint Endpoint { get; } = endpoint;

    /// <summary>What the server is called; empty where there is but one.</summary>
    public virtual string Server => "";

    /// <summary>Why this server; null where there was no choice.</summary>
    public virtual AgentPlaced? Placed => null;

    /// <summary>Whether the server goes on with a reply that was begun elsewhere.</summary>
    public virtual bool CanContinue => false;

    /// <summary>A place on the same server once it has been started again; null where it is not.</summary>
    /// <exception cref="ChatClientException">It does not run again; the message is for the user.</exception>
    public virtual ValueTask<AgentLease?> AgainAsync(CancellationToken cancellationToken) => ValueTask.FromResult<AgentLease?>(null);

    /// <summary>The server failed the agent.</summary>
    public virtual void Failed(ChatClientException failure) { }

    /// <summary>A call ended well.</summary>
    /// <param name="turn">Its tokens.</param>
    /// <param name="timings">Its times.</param>
    public virtual void Served(TokenUsage turn, AgentTimings timings) { }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the place back; once.</summary>
    protected virtual void Dispose(bool disposing) { }
}
