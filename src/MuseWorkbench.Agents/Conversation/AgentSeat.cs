using System.IO.Hashing;
using System.Text;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>The agent's place on a server: taken when it starts, changed where that server fails it.</summary>
internal sealed class AgentSeat(IAgentClients clients, AgentWork work) : IDisposable
{
    private AgentLease? _lease;
    private bool _wentElsewhere;
    private int? _tokensAtMove;

    public AgentEndpoint Endpoint => _lease!.Endpoint;

    /// <summary>Takes a place, and says that the agent starts, whether there is one or not; one that goes on has started before.</summary>
    /// <exception cref="ChatClientException">There is none.</exception>
    public async Task TakeAsync(CancellationToken stop)
    {
        try
        {
            _lease = await clients.PlaceAsync(Place(), stop);
        }
        finally
        {
            if (work.Begun is null)
                Started();
        }
    }

    /// <summary>Whether the server goes on behind what the agent had said.</summary>
    public bool CanContinue(AgentBeginning begun) => _lease!.CanContinue && Endpoint.ModelId == begun.Model;

    /// <summary>Says that the agent starts where it is placed now.</summary>
    public void Started()
    {
        work.Journal.Write(new AgentStarted
        {
            Agent = work.Index, Name = work.Spec.Name, Model = _lease?.Endpoint.ModelId ?? work.Spec.Model ?? "", Seed = work.Seed,
            Stage = work.Task.Stage, Role = work.Task.Role, Member = work.Task.Member,
            Seen = work.Task.WithImages ? work.Views.Seen(work.Spec.View) : null,
        });
        Placed();
    }

    /// <summary>Says where the agent is placed, where there was a choice.</summary>
    public void Placed()
    {
        if (_lease?.Placed is { } placed)
            work.Journal.Write(placed with { Agent = work.Index });
    }

    public void Served(AgentMeter meter) => _lease?.Served(meter.LastTurn, meter.Timings);

    /// <summary>Goes to another server after this one failed, or waits for this one where it is started again; returns whether the agent goes on from what it said rather than beginning again.</summary>
    /// <param name="failure">How it failed.</param>
    /// <param name="canBeTakenUp">Whether what it said so far can be handed on.</param>
    /// <param name="hasBegun">Whether there is anything to hand on.</param>
    /// <param name="tokens">Tokens generated so far.</param>
    /// <param name="stop">The agent's.</param>
    /// <exception cref="ChatClientException">The failure itself: it is no server's fault, or there is nowhere to go.</exception>
    public async Task<bool> MoveAsync(ChatClientException failure, bool canBeTakenUp, bool hasBegun, int tokens, CancellationToken stop)
    {
        var failed = _lease!;
        failed.Failed(failure);
        // What fails a second time without a word said in between may be the request's own doing.
        if (!failure.IsServers || tokens <= _tokensAtMove || await NextAsync(failed, failure, stop) is not { } next)
            throw new ChatClientException(failure.Kind, failure.Message, failure);
        _tokensAtMove = tokens;
        failed.Dispose();
        _lease = next;
        var continues = canBeTakenUp && (!hasBegun || next.CanContinue) && next.Endpoint.Markup.Family == failed.Endpoint.Markup.Family
            && (next.Endpoint.ModelId, next.Endpoint.Model.ImageFit) == (failed.Endpoint.ModelId, failed.Endpoint.Model.ImageFit);
        work.Journal.Write(new AgentRerouted
        {
            Agent = work.Index, From = failed.Server, To = next.Server, Reason = failure.Message, Continued = continues, Tokens = tokens,
        });
        return continues;
    }

    public void Dispose() => _lease?.Dispose();

    /// <summary>A place on another server, once; else on the same one in its next process; null where there is neither.</summary>
    private async Task<AgentLease?> NextAsync(AgentLease failed, ChatClientException failure, CancellationToken stop)
    {
        try
        {
            if (!_wentElsewhere)
            {
                var elsewhere = await clients.PlaceAsync(Place() with { Except = [failed.Server], Together = 1 }, stop);
                _wentElsewhere = true;
                return elsewhere;
            }
        }
        catch (ChatClientException)
        {
            // There is no other server.
        }

        if (failure.Kind is not (ChatFailure.Interrupted or ChatFailure.Unreachable))
            return null;
        try
        {
            var again = failed.AgainAsync(stop);
            if (!again.IsCompleted)
                work.Journal.Write(new AgentQueued { Agent = work.Index });
            return await again;
        }
        catch (ChatClientException)
        {
            // Where it does not run again, that is no news to the reader; what happened here is.
            return null;
        }
    }

    private AgentPlace Place()
    {
        var request = work.Views.Request;
        var images = work.Task.WithImages ? request.Images : [];
        var text = AgentPrompt.Text(work.Assignment);
        return new AgentPlace
        {
            Run = work.Run, Agent = work.Index, Name = work.Spec.Name, Stage = work.Task.Stage, Model = work.Spec.Model,
            Together = work.Task.Role == AgentRole.Member ? request.Team.Agents.Length : 1,
            Prefix = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Join('\n', [.. images.Select(image => image.Sha256), work.Task.Prompt]))),
            Images = images.Length, Scale = work.Spec.View?.Scale ?? 1, TextTokens = CostEstimate.OfText(text), MaxTokens = work.Spec.MaxTokens,
        };
    }
}
