using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>Where each agent of a request goes, and why.</summary>
/// <param name="Members">Index of the member for each agent.</param>
/// <param name="Options">For each member, when all agents would be done there.</param>
/// <param name="EstimatedMs">When they will be done as placed.</param>
public sealed record PlacementPlan(ImmutableArray<int> Members, ImmutableArray<PlacementOption> Options, double EstimatedMs)
{
    /// <summary>Whether they go to more than one member.</summary>
    public bool IsSplit => Members.Distinct().Skip(1).Any();
}

/// <summary>Plans a request: its agents stay together where its policy wants them, unless splitting them ends clearly sooner.</summary>
public static class Placer
{
    /// <summary>Splitting costs another prefill and image embedding, and spreads the cache: it must save at least this share of the time.</summary>
    public const double SplitGain = 0.2;

    /// <exception cref="ArgumentException">There is no member, or no agent.</exception>
    public static PlacementPlan Plan(IPlacementPolicy policy, PlacementRequest request, IReadOnlyList<MemberLoad> members)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0 || request.Agents < 1)
            throw new ArgumentException("There is nothing to place, or nowhere to place it.");
        ImmutableArray<PlacementOption> options = [.. members.Select(m => new PlacementOption(m.Name, FinishEstimate.Of(m, request, request.Agents)))];
        var chosen = policy.Choose(request, members);
        var together = options[chosen].EstimatedMs;
        if (request.Agents > 1 && members.Count > 1)
        {
            var counts = Split(request, members, chosen);
            var apart = members.Select((m, i) => FinishEstimate.Of(m, request, counts[i])).Max();
            if (apart <= (1 - SplitGain) * together)
            {
                // The policy's choice first: what its agents share is most likely there.
                var order = Enumerable.Range(0, members.Count).OrderBy(i => i == chosen ? 0 : 1);
                return new PlacementPlan([.. order.SelectMany(i => Enumerable.Repeat(i, counts[i]))], options, apart);
            }
        }

        return new PlacementPlan([.. Enumerable.Repeat(chosen, request.Agents)], options, together);
    }

    /// <summary>Agents for each member so that the last is done soonest: each goes where it is done first, the chosen member on a draw.</summary>
    private static int[] Split(PlacementRequest request, IReadOnlyList<MemberLoad> members, int chosen)
    {
        var counts = new int[members.Count];
        for (var agent = 0; agent < request.Agents; agent++)
        {
            var next = Enumerable.Range(0, members.Count)
                .MinBy(i => (FinishEstimate.Of(members[i], request, counts[i] + 1), i == chosen ? 0 : 1));
            counts[next]++;
        }

        return counts;
    }
}
