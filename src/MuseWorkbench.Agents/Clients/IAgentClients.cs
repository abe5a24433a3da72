using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Clients;

/// <summary>A served model an agent can talk to. The client stays its provider's and is not disposed by agents.</summary>
public sealed record AgentEndpoint(IChatClient Client, ModelInfo Model, ModelMarkup Markup)
{
    /// <summary>An endpoint whose markup follows from what is known of the model.</summary>
    public AgentEndpoint(IChatClient client, ModelInfo model) : this(client, model, ModelMarkups.For(model)) { }

    public string ModelId => Model.Id;
}

/// <summary>Finds the server of a model. Thread-safe.</summary>
public interface IAgentClients
{
    /// <summary>The endpoint of a model, or of the default one where <paramref name="model"/> is null; waits while it starts.</summary>
    /// <exception cref="ChatClientException">There is none or it failed to start; the message is for the user.</exception>
    ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken);

    /// <summary>A place for one agent on a server that can serve it; waits while one starts.</summary>
    /// <exception cref="ChatClientException">There is none; the message is for the user.</exception>
    async ValueTask<AgentLease> PlaceAsync(AgentPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        return place.Except.IsEmpty
            ? new AgentLease(await GetAsync(place.Model, cancellationToken))
            : throw new ChatClientException(ChatFailure.Unreachable, "There is no other server to go on with.");
    }
}
