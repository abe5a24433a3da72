using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Pool;

public class AgentPoolTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Place_OneMember_ItIsUsedWithoutSayingWhy()
    {
        var pool = Pool(new ScriptedMember("a"));

        using var lease = await pool.PlaceAsync(Place(), Test);

        Assert.Equal(("a", null), (lease.Server, lease.Placed));
        Assert.Single(Assert.Single(pool.Members).Occupants);
    }

    [Fact]
    public async Task Place_AgentsOfARun_FollowOnePlanAndSayIt()
    {
        var pool = Pool(new ScriptedMember("a"), new ScriptedMember("b"));
        var run = Guid.NewGuid();

        var leases = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => pool.PlaceAsync(Place() with { Run = run, Agent = i, Together = 6 }, Test).AsTask()));

        Assert.Single(leases.Select(l => l.Server).Distinct());
        Assert.All(leases, l => Assert.Equal(["a", "b"], l.Placed!.Options.Select(o => o.Server)));
        Assert.Equal([6], pool.Members.Select(m => m.Occupants.Length).Where(n => n > 0));
        Array.ForEach(leases, l => l.Dispose());
        Assert.All(pool.Members, m => Assert.Empty(m.Occupants));
    }

    [Fact]
    public async Task Place_MoreThanOneMembersRows_Splits()
    {
        var pool = Pool(Small("a"), Small("b"));
        var run = Guid.NewGuid();
        var leases = new List<AgentLease>();
        for (var i = 0; i < 8; i++)
            leases.Add(await pool.PlaceAsync(Place() with { Run = run, Agent = i, Together = 8 }, Test));

        Assert.Equal([4, 4], pool.Members.Select(m => m.Occupants.Length));
        Assert.All(leases, l => Assert.True(l.Placed!.Split));

        static ScriptedMember Small(string name)
        {
            var member = new ScriptedMember(name);
            member.Status = member.Status with { Rows = 4 };
            return member;
        }
    }

    [Fact]
    public async Task Place_ModelWanted_GoesWhereItIsServed()
    {
        var pool = Pool(new ScriptedMember("a"), new ScriptedMember("b", model: "large"));

        using var lease = await pool.PlaceAsync(Place() with { Model = "large" }, Test);

        Assert.Equal("b", lease.Server);
        var failure = await Assert.ThrowsAsync<ChatClientException>(async () => await pool.PlaceAsync(Place() with { Model = "huge" }, Test));
        Assert.Equal("No member of the pool serves \"huge\"; they serve large, muse-mini.", failure.Message);
    }

    [Fact]
    public async Task Place_WithImages_GoesToOneThatSees()
    {
        var blind = new ScriptedMember("a");
        blind.Status = blind.Status with { Models = [blind.Model with { Vision = false }] };
        var pool = Pool(blind, new ScriptedMember("b"));

        for (var prefix = 0ul; prefix < 8; prefix++)
        {
            using var lease = await pool.PlaceAsync(Place() with { Vision = true, Prefix = prefix }, Test);
            Assert.Equal("b", lease.Server);
        }
    }

    [Fact]
    public async Task Place_Draining_TakesNoNewOnesAndKeepsItsOwn()
    {
        var pool = Pool(new ScriptedMember("a"), new ScriptedMember("b"));
        using var before = await pool.PlaceAsync(Place(), Test);

        Assert.True(pool.Drain(before.Server, true));
        for (var prefix = 0ul; prefix < 8; prefix++)
        {
            using var lease = await pool.PlaceAsync(Place() with { Prefix = prefix }, Test);
            Assert.NotEqual(before.Server, lease.Server);
        }

        Assert.Single(pool.Members.Single(m => m.Draining).Occupants);
        Assert.False(pool.Drain("none", true));
        pool.Drain("a", true);
        pool.Drain("b", true);
        var failure = await Assert.ThrowsAsync<ChatClientException>(async () => await pool.PlaceAsync(Place(), Test));
        Assert.Equal("No member of the pool is ready: a is being drained; b is being drained.", failure.Message);
    }

    [Fact]
    public async Task Place_NoneReadyOneStarting_WaitsForIt()
    {
        var started = new TaskCompletionSource();
        var coming = new ScriptedMember("a") { Status = new(MemberPhase.Starting), Started = started.Task };
        var pool = Pool(coming, new ScriptedMember("b") { Status = new(MemberPhase.Unreachable, "It can't be reached.") });
        var placing = pool.PlaceAsync(Place(), Test).AsTask();
        Assert.False(placing.IsCompleted);

        coming.Become(new(MemberPhase.Ready) { Models = [coming.Model] });
        started.SetResult();

        using var lease = await placing;
        Assert.Equal("a", lease.Server);
    }

    [Fact]
    public async Task Place_ServerFailedThreeTimes_OthersGetItsAgentsUntilItWorksAgain()
    {
        var pool = Pool(new ScriptedMember("a"), new ScriptedMember("b"));
        var home = (await pool.PlaceAsync(Place(), Test)).Server;
        for (var i = 0; i < 3; i++)
        {
            using var lease = await pool.PlaceAsync(Place() with { Run = Guid.NewGuid() }, Test);
            Assert.Equal(home, lease.Server);
            lease.Failed(new ChatClientException(ChatFailure.Interrupted, "It went away."));
        }

        using (var other = await pool.PlaceAsync(Place() with { Run = Guid.NewGuid() }, Test))
            Assert.NotEqual(home, other.Server);
        var view = pool.Members.Single(m => m.Name == home);
        Assert.Equal((BreakerState.Open, 3L, "It went away."), (view.Breaker, view.Failed, view.LastFailure));

        _time.Advance(TimeSpan.FromSeconds(2));
        using var trial = await pool.PlaceAsync(Place() with { Run = Guid.NewGuid() }, Test);
        Assert.Equal(home, trial.Server);
        using (var meanwhile = await pool.PlaceAsync(Place() with { Run = Guid.NewGuid() }, Test))
            Assert.NotEqual(home, meanwhile.Server);
        trial.Served(new TokenUsage(100, 0, 50), new AgentTimings(0, 100, 110, 50, 1100));
        Assert.Equal(BreakerState.Closed, pool.Members.Single(m => m.Name == home).Breaker);
    }

    [Fact]
    public async Task Place_ServerBeganAnew_GetsAgentsAtOnce()
    {
        var member = new ScriptedMember("a");
        var pool = Pool(member);
        using (var lease = await pool.PlaceAsync(Place(), Test))
        {
            for (var i = 0; i < 3; i++)
                lease.Failed(new ChatClientException(ChatFailure.Interrupted, "It went away."));
        }

        Assert.Equal(BreakerState.Open, Assert.Single(pool.Members).Breaker);
        member.Become(new(MemberPhase.Starting) { Models = [member.Model] });
        member.Become(new(MemberPhase.Ready) { Models = [member.Model] });
        using var again = await pool.PlaceAsync(Place(), Test);

        Assert.Equal(BreakerState.Closed, Assert.Single(pool.Members).Breaker);
    }

    [Fact]
    public async Task Place_RefusedRequest_IsNotTheServersFault()
    {
        var pool = Pool(new ScriptedMember("a"), new ScriptedMember("b"));
        for (var i = 0; i < 5; i++)
        {
            using var lease = await pool.PlaceAsync(Place(), Test);
            lease.Failed(new ChatClientException(ChatFailure.Rejected, "Too long."));
        }

        Assert.All(pool.Members, m => Assert.Equal((BreakerState.Closed, 0L), (m.Breaker, m.Failed)));
    }

    [Fact]
    public async Task Remove_AtWork_AgentGoesOnAndTheNameIsFree()
    {
        var member = new ScriptedMember("a");
        var pool = Pool(member, new ScriptedMember("b"));
        using var lease = await pool.PlaceAsync(Place() with { Except = ["b"] }, Test);

        Assert.Same(member, pool.Remove("a"));
        lease.Served(new TokenUsage(1, 0, 1), new AgentTimings(0, 0, 0, 0, 0));

        Assert.Equal(["b"], pool.Members.Select(m => m.Name));
        pool.Add(new ScriptedMember("a"));
        Assert.Throws<ArgumentException>(() => pool.Add(new ScriptedMember("a")));
        Assert.Null(pool.Remove("c"));
    }

    [Fact]
    public async Task Place_NoMembers_SaysSo()
    {
        var failure = await Assert.ThrowsAsync<ChatClientException>(async () => await Pool().PlaceAsync(Place(), Test));
        Assert.Equal("The pool has no members.", failure.Message);
    }

    private AgentPool Pool(params IPoolMember[] members)
    {
        var pool = new AgentPool("affinity", _time);
        Array.ForEach(members, pool.Add);
        return pool;
    }

    private static AgentPlace Place() => new() { Run = Guid.NewGuid(), Agent = 0, PromptTokens = 100 };
}
