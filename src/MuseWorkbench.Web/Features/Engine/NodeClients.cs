using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Agents talk to the local node, whichever process that is at the moment.</summary>
internal sealed class NodeClients(NodeSupervisor supervisor, TimeProvider time) : IAgentClients
{
    private volatile Served? _served;

    public async ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken)
    {
        try
        {
            var endpoint = Serve(await supervisor.ConnectAsync(cancellationToken));
            return model is null || model == endpoint.ModelId
                ? endpoint
                : throw new ChatClientException(ChatFailure.Rejected, $"No model \"{model}\" is served here; the engine serves \"{endpoint.ModelId}\".");
        }
        catch (NodeUnavailableException e)
        {
            throw new ChatClientException(ChatFailure.Unreachable, e.Message, e);
        }
    }

    private AgentEndpoint Serve(NodeConnection connection)
    {
        if (_served is { } served && served.Connection == connection)
        {
            return served.Endpoint;
        }

        var model = connection.Model!; // a connection is handed out once its model is known
        var client = new OpenAIChatClient(connection.Http, new() { Endpoint = connection.Url, Model = model.Id, ApiKey = connection.Key, ServerName = "engine node" }, time);
        var endpoint = new AgentEndpoint(new TracedChatClient(client, time), model);
        _served = new Served(connection, endpoint);
        return endpoint;
    }

    private sealed record Served(NodeConnection Connection, AgentEndpoint Endpoint);
}
