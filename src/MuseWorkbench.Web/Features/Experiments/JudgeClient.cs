using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>The default model as a judge: asked for only when something is to be graded, and behind what people ask.</summary>
internal sealed class JudgeClient(IAgentClients clients) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var endpoint = await clients.GetAsync(null, cancellationToken);
        return await endpoint.Client.GetResponseAsync(messages, Behind(options, endpoint.ModelId), cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var endpoint = await clients.GetAsync(null, cancellationToken);
        await foreach (var update in endpoint.Client.GetStreamingResponseAsync(messages, Behind(options, endpoint.ModelId), cancellationToken))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Nothing to free: the client is its provider's.</summary>
    public void Dispose()
    {
    }

    private static ChatOptions Behind(ChatOptions? options, string model)
    {
        var behind = options?.Clone() ?? new ChatOptions();
        behind.ModelId = model;
        (behind.AdditionalProperties ??= [])["priority"] = CellAttempt.Priority;
        return behind;
    }
}
