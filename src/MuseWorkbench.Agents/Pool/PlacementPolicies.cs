using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace MuseWorkbench.Agents.Pool;

/// <summary>Chooses the member a request goes to. Called one at a time.</summary>
public interface IPlacementPolicy
{
    /// <summary>As settings name it.</summary>
    string Name { get; }

    /// <summary>Index of the chosen one; <paramref name="members"/> are those that can serve the request, at least one.</summary>
    int Choose(PlacementRequest request, IReadOnlyList<MemberLoad> members);
}

/// <summary>The policies by name.</summary>
public static class PlacementPolicies
{
    public const string Default = LeastWait.PolicyName;

    public static IReadOnlyList<string> Names { get; } = [LeastWait.PolicyName, PrefixAffinity.PolicyName, RoundRobin.PolicyName, RandomPlacement.PolicyName];

    /// <exception cref="ArgumentException">There is no such policy; the message lists them.</exception>
    public static IPlacementPolicy Create(string name, int seed = 0) => name switch
    {
        PrefixAffinity.PolicyName => new PrefixAffinity(),
        LeastWait.PolicyName => new LeastWait(),
        RoundRobin.PolicyName => new RoundRobin(),
        RandomPlacement.PolicyName => new RandomPlacement(seed),
        _ => throw new ArgumentException($"There is no placement policy \"{name}\"; there are {string.Join(", ", Names)}."),
    };
}

/// <summary>Any member, by chance: what the others are measured against.</summary>
public sealed class RandomPlacement(int seed) : IPlacementPolicy
{
    public const string PolicyName = "random";

    private readonly Random _random = new(seed);

    public string Name => PolicyName;

    public int Choose(PlacementRequest request, IReadOnlyList<MemberLoad> members) => _random.Next(members.Count);
}

/// <summary>Each member in turn.</summary>
public sealed class RoundRobin : IPlacementPolicy
{
    public const string PolicyName = "round-robin";

    private uint _next;

    public string Name => PolicyName;

    public int Choose(PlacementRequest request, IReadOnlyList<MemberLoad> members) => (int)(_next++ % (uint)members.Count);
}

/// <summary>
/// The member that would be done first, what it has cached counted: a prefix stays where it is until waiting there costs
/// more than computing it elsewhere. On a draw the prefix's home, so that the same one is chosen again.
/// </summary>
public sealed class LeastWait : IPlacementPolicy
{
    public const string PolicyName = "least-wait";

    public string Name => PolicyName;

    public int Choose(PlacementRequest request, IReadOnlyList<MemberLoad> members) => Enumerable.Range(0, members.Count).MinBy(
        i => (Math.Round(FinishEstimate.Of(members[i], request, request.Agents)), Rendezvous.Distance(request.Prefix, members[i])));
}

/// <summary>
/// The prefix's home, so that its cells and image embedding are found there; the next in its own order where that member has
/// more than its share of the pool's work, so that a hot prefix spreads before it queues. The bound is that of consistent
/// hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2018), over how full each member is.
/// </summary>
public sealed class PrefixAffinity : IPlacementPolicy
{
    public const string PolicyName = "affinity";

    /// <summary>How much fuller than the mean a member may become.</summary>
    private const double Bound = 1.25;

    public string Name => PolicyName;

    public int Choose(PlacementRequest request, IReadOnlyList<MemberLoad> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        double rows = members.Sum(m => m.Rows), agents = members.Sum(m => m.Agents) + request.Agents;
        var order = Enumerable.Range(0, members.Count).OrderBy(i => Rendezvous.Distance(request.Prefix, members[i])).ToArray();
        return order.Where(HasRoom).DefaultIfEmpty(order.MinBy(i => FinishEstimate.Of(members[i], request, request.Agents))).First();

        // One request always fits an idle member, however small its share.
        bool HasRoom(int i) => members[i].Agents + request.Agents <= Math.Max(Math.Ceiling(Bound * agents * members[i].Rows / rows), request.Agents);
    }
}

/// <summary>
/// Which members a prefix belongs to, best first, by weighted rendezvous hashing (Thaler and Ravishankar 1998): nothing is
/// remembered, every process finds the same, and a member that comes or goes moves its own prefixes only.
/// </summary>
internal static class Rendezvous
{
    private const int LongestName = 64;

    /// <summary>−ln(u)/weight: the smallest is home. The weight is the member's rows.</summary>
    public static double Distance(ulong prefix, MemberLoad member)
    {
        Span<byte> bytes = stackalloc byte[8 + (3 * LongestName)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, prefix);
        var length = Encoding.UTF8.GetBytes(member.Name.AsSpan(0, Math.Min(member.Name.Length, LongestName)), bytes[8..]);
        var unit = ((XxHash3.HashToUInt64(bytes[..(8 + length)]) >> 11) + 1) * (1.0 / (1L << 53));
        return -Math.Log(unit) / Math.Max(1, member.Rows);
    }
}
