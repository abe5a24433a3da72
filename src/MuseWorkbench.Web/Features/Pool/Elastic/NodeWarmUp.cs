using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>Has a node that just became ready serve one small request of each kind, so that no agent pays for its first.</summary>
internal sealed class NodeWarmUp(TimeProvider time)
{
    private const int Tokens = 4;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <exception cref="ChatClientException">It did not serve it; the message is for the user.</exception>
    public async Task RunAsync(AgentEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(s_limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var options = new ChatOptions { MaxOutputTokens = Tokens, Temperature = 0 };
        try
        {
            await ServeAsync(new TextContent("Hello"));
            if (endpoint.Model.Vision)
                await ServeAsync(new DataContent(MemberProbe.Picture, "image/png"), new TextContent("Hello"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatClientException(ChatFailure.Unreachable, $"It did not serve its first request within {s_limit.TotalSeconds:0} s.");
        }

        async Task ServeAsync(params AIContent[] contents)
        {
            await foreach (var _ in endpoint.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, contents)], options, either.Token))
            {
                // That it answers is all that is wanted of it.
            }
        }
    }
}
