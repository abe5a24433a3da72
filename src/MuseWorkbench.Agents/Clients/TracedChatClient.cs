using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Telemetry;

namespace MuseWorkbench.Agents.Clients;

/// <summary>Tells OpenTelemetry of every request that goes through a chat client.</summary>
public sealed class TracedChatClient(IChatClient inner, TimeProvider time) : DelegatingChatClient(inner)
{
    private readonly ChatClientMetadata? _server = inner.GetService<ChatClientMetadata>();

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var call = new CallSpan(_server, options, time);
        await using var updates = await GuardAsync(
            () => ValueTask.FromResult(base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken)));
        while (await GuardAsync(updates.MoveNextAsync))
        {
            call.Take(updates.Current);
            yield return updates.Current;
        }
        call.Finished();

        async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> step)
        {
            try
            {
                return await step();
            }
            catch (Exception failure)
            {
                call.Failed(failure);
                throw;
            }
        }
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
}
