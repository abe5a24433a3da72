using System.Net.Http.Json;
using System.Text.Json;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>The one node under test, as agents reach it.</summary>
internal sealed class NodeEndpoint(AgentEndpoint endpoint) : IAgentClients
{
    public static async Task<NodeEndpoint> ConnectAsync(ChatServer node, CancellationToken cancellationToken)
    {
        var models = await node.Http.GetFromJsonAsync<JsonElement>("/v1/models", cancellationToken);
        var model = models.GetProperty("data")[0].GetProperty("meta").Deserialize<ModelInfo>(MuseJson.Options)!;
        var client = new OpenAIChatClient(node.Http, new() { Endpoint = node.Http.BaseAddress!, Model = model.Id, ServerName = node.Name }, TimeProvider.System);
        return new(new AgentEndpoint(client, model));
    }

    public ValueTask<AgentEndpoint> GetAsync(string? model, CancellationToken cancellationToken) => new(endpoint);
}
