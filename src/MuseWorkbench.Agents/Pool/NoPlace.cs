using System.Collections.Immutable;
using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Agents.Pool;

/// <summary>Says why an agent can be placed nowhere.</summary>
internal static class NoPlace
{
    public static ChatClientException For(AgentPlace place, ImmutableArray<PoolSeat> seats)
    {
        if (seats.IsEmpty)
            return new ChatClientException(ChatFailure.Unreachable, "The pool has no members.");
        var others = seats.Where(seat => !place.Except.Contains(seat.Member.Name)).ToArray();
        if (others.Length == 0)
            return new ChatClientException(ChatFailure.Unreachable, "There is no other server to go on with.");
        if (!others.Any(seat => seat.Serves(place)))
        {
            var models = string.Join(", ", others.SelectMany(seat => seat.Member.Status.Models).Select(model => model.Id).Distinct().Order(StringComparer.Ordinal));
            return new ChatClientException(
                ChatFailure.Rejected,
                place.Model is { } wanted && others.All(seat => seat.Member.Status.Models.All(model => model.Id != wanted))
                    ? $"No member of the pool serves \"{wanted}\"; they serve {models}."
                    : $"No member of the pool can serve this agent{(place.Vision ? " with its images" : "")}; they serve {models}.");
        }

        var reasons = others.Where(seat => seat.Serves(place)).Select(seat => $"{seat.Member.Name} {Why(seat)}");
        return new ChatClientException(ChatFailure.Unreachable, $"No member of the pool is ready: {string.Join("; ", reasons)}.");
    }

    private static string Why(PoolSeat seat) => seat switch
    {
        { Draining: true } => "is being drained",
        { Member.Status: { Phase: not MemberPhase.Ready } status } => $"is {status.Phase.ToString().ToLowerInvariant()}{(status.Reason is { } reason ? $" ({reason.TrimEnd('.')})" : "")}",
        { LastFailure: { } failure } => $"failed lately ({failure.TrimEnd('.')})",
        _ => "failed lately",
    };
}
