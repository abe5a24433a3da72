using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Agents.Tests.Pool;

/// <summary>Estimates, policies and splitting, worked out by hand.</summary>
public class PlacementTests
{
    private static readonly PlacementRequest s_eight = new(Prefix: 1, Agents: 8, PromptTokens: 1000, AnswerTokens: 100);

    [Fact]
    public void Estimate_IdleMember_PrefillThenOneStepPerToken() =>
        // 1,000 tokens at 1,000 a second, then 100 steps of 10 + 8 ms.
        Assert.Equal(1000 + (100 * 18), FinishEstimate.Of(Member("a"), s_eight, 8));

    [Fact]
    public void Estimate_PrefixCached_NoPrefill() =>
        Assert.Equal(100 * 18, FinishEstimate.Of(Member("a") with { HasPrefix = true }, s_eight, 8));

    [Fact]
    public void Estimate_MoreThanItsRows_WaitsForAFullWave() =>
        // 12 there and 8 more over 16 rows: a wave of 100 full steps, then another.
        Assert.Equal(1000 + (2 * 100 * 26), FinishEstimate.Of(Member("a") with { Running = 12 }, s_eight, 8));

    [Fact]
    public void Estimate_FewCells_AsManyAsFitDecodeTogether() =>
        // Beside the prompt there is room for 4 answers: two waves.
        Assert.Equal(1000 + (2 * 100 * 14), FinishEstimate.Of(Member("a") with { FreeCells = 1450 }, s_eight, 8));

    [Fact]
    public void Affinity_SamePrefix_SameMember()
    {
        var policy = new PrefixAffinity();
        MemberLoad[] members = [Member("a"), Member("b"), Member("c")];

        Assert.All(Enumerable.Range(0, 50), prefix =>
            Assert.Single(Enumerable.Range(0, 5).Select(_ => policy.Choose(s_eight with { Prefix = (ulong)prefix }, members)).Distinct()));
    }

    [Fact]
    public void Affinity_ManyPrefixes_SpreadByRows()
    {
        var policy = new PrefixAffinity();
        MemberLoad[] members = [Member("a"), Member("b"), Member("c") with { Rows = 32 }];

        var counts = Enumerable.Range(0, 4000).CountBy(prefix => policy.Choose(new((ulong)prefix, 1, 100, 100), members)).OrderBy(c => c.Key).Select(c => c.Value).ToArray();

        Assert.InRange(counts[0], 850, 1150);
        Assert.InRange(counts[1], 850, 1150);
        Assert.InRange(counts[2], 1850, 2150);
    }

    [Fact]
    public void Affinity_MemberLeaves_OnlyItsPrefixesMove()
    {
        var policy = new PrefixAffinity();
        MemberLoad[] members = [Member("a"), Member("b"), Member("c")];
        for (var prefix = 0ul; prefix < 200; prefix++)
        {
            var request = new PlacementRequest(prefix, 1, 100, 100);
            var home = policy.Choose(request, members);
            if (home != 2)
                Assert.Equal(home, policy.Choose(request, members[..2]));
        }
    }

    [Fact]
    public void Affinity_HomeIsFuller_GoesToTheNextAndBack()
    {
        var policy = new PrefixAffinity();
        MemberLoad[] members = [Member("a"), Member("b"), Member("c")];
        var home = policy.Choose(s_eight, members);

        MemberLoad[] busy = [.. members.Select((m, i) => i == home ? m with { Running = 16, Waiting = 8 } : m)];
        var next = policy.Choose(s_eight, busy);

        Assert.NotEqual(home, next);
        Assert.Equal(next, policy.Choose(s_eight, busy));
        Assert.Equal(home, policy.Choose(s_eight, members));
    }

    [Fact]
    public void LeastWait_CachedButQueued_LeavesOnceWaitingCostsMore()
    {
        var policy = new LeastWait();
        MemberLoad cached = Member("a") with { HasPrefix = true }, other = Member("b");

        Assert.Equal(0, policy.Choose(s_eight, [cached, other]));
        Assert.Equal(0, policy.Choose(s_eight, [cached with { Running = 4 }, other]));
        Assert.Equal(1, policy.Choose(s_eight, [cached with { Running = 16 }, other]));
    }

    [Fact]
    public void RoundRobin_InTurn() =>
        Assert.Equal([0, 1, 2, 0], Choices(new RoundRobin(), 4));

    [Fact]
    public void Random_EveryMemberGetsSome() =>
        Assert.Equal([0, 1, 2], Choices(new RandomPlacement(1), 100).Distinct().Order());

    [Fact]
    public void Create_UnknownName_ListsThose()
    {
        var failure = Assert.Throws<ArgumentException>(() => PlacementPolicies.Create("best"));
        Assert.Contains("least-wait, affinity, round-robin, random", failure.Message, StringComparison.Ordinal);
        Assert.All(PlacementPolicies.Names, name => Assert.Equal(name, PlacementPolicies.Create(name).Name));
    }

    [Fact]
    public void Plan_RoomForAll_Together()
    {
        var plan = Placer.Plan(new LeastWait(), s_eight, [Member("a"), Member("b")]);

        Assert.False(plan.IsSplit);
        Assert.Equal(8, plan.Members.Length);
        Assert.Equal(["a", "b"], plan.Options.Select(o => o.Server));
        Assert.Equal(2800, plan.EstimatedMs);
    }

    [Fact]
    public void Plan_RowsAreShort_SplitWhereThatEndsClearlySooner()
    {
        // Four rows each: together two waves of 100 × 14 ms, apart one.
        var plan = Placer.Plan(new LeastWait(), s_eight with { PromptTokens = 100 }, [Member("a") with { Rows = 4 }, Member("b") with { Rows = 4 }]);

        Assert.True(plan.IsSplit);
        Assert.Equal([4, 4], plan.Members.CountBy(m => m).Select(c => c.Value));
        Assert.Equal(100 + 1400, plan.EstimatedMs);
        Assert.Equal(100 + 2800, plan.Options[0].EstimatedMs);
    }

    [Fact]
    public void Plan_SplitSavesLittle_StaysTogether()
    {
        // Steps cost the same whatever the rows: splitting would only prefill twice.
        var plan = Placer.Plan(new LeastWait(), s_eight, [.. new[] { "a", "b" }.Select(n => Member(n) with { Step = new(18, 0) })]);

        Assert.False(plan.IsSplit);
    }

    [Fact]
    public void Plan_Nothing_Throws()
    {
        Assert.Throws<ArgumentException>(() => Placer.Plan(new LeastWait(), s_eight, []));
        Assert.Throws<ArgumentException>(() => Placer.Plan(new LeastWait(), s_eight with { Agents = 0 }, [Member("a")]));
    }

    [Fact]
    public void PrefixMemory_BeyondCapacity_ForgetsTheLeastRecentlyUsed()
    {
        var memory = new PrefixMemory(2);
        Assert.False(memory.Use(1));
        Assert.False(memory.Use(2));
        Assert.True(memory.Use(1));
        Assert.False(memory.Use(3));

        Assert.Equal((true, false, true), (memory.Contains(1), memory.Contains(2), memory.Contains(3)));
        memory.Clear();
        Assert.False(memory.Contains(1));
    }

    private static int[] Choices(IPlacementPolicy policy, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => policy.Choose(s_eight, [Member("a"), Member("b"), Member("c")]))];

    private static MemberLoad Member(string name) => new() { Name = name, Rows = 16, Step = new(10, 1), PrefillPerSecond = 1000 };
}
