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
            using var lease = await pool.PlaceAsync(Place() with { Images = 1, Prefix = prefix }, Test);
            Assert.Equal("b", lease.Server);
        }
    }

    [Theory]
    [InlineData(36, "small")]
    [InlineData(null, "large")]
    public async Task Place_ManyImages_AreReckonedAsTheModelTakesThem(int? imageTokens, string expected)
    {
        var small = new ScriptedMember("small");
        small.Status = small.Status with { Models = [small.Model with { ContextLength = 1024, ImageTokens = imageTokens }] };
        var large = new ScriptedMember("large");
        large.Status = large.Status with { Models = [large.Model with { ContextLength = 8192 }] };

        using var lease = await Pool(small, large).PlaceAsync(Place() with { Images = 4, Except = expected == "small" ? ["large"] : [] }, Test);

        Assert.Equal(expected, lease.Server);
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
    public async Task Place_AllAsleep_WaitsUntilOneIsStarted()
    {
        var (a, b) = (new ScriptedMember("a"), new ScriptedMember("b", model: "large"));
        a.Status = a.Status with { Phase = MemberPhase.Asleep };
        b.Status = b.Status with { Phase = MemberPhase.Asleep };
        var pool = Pool(a, b);
        var placing = pool.PlaceAsync(Place() with { Model = "large" }, Test).AsTask();

        Assert.Equal(["b"], Assert.Single(pool.Waiting).For);
        a.Become(a.Status with { Phase = MemberPhase.Ready });
        Assert.False(placing.IsCompleted);
        b.Become(b.Status with { Phase = MemberPhase.Ready });

        using var lease = await placing;
        Assert.Equal("b", lease.Server);
        Assert.Empty(pool.Waiting);
    }

    [Fact]
    public async Task Place_AllAsleepAndNoneIsStarted_FailsWithTheReasonOnceItsPatienceIsOver()
    {
        var member = new ScriptedMember("a");
        member.Status = member.Status with { Phase = MemberPhase.Asleep, Reason = "Too little memory is free." };
        var pool = Pool(member);
        var placing = pool.PlaceAsync(Place(), Test).AsTask();
        _time.Advance(pool.Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(placing.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        var failure = await Assert.ThrowsAsync<ChatClientException>(() => placing);
        Assert.Equal("No engine was started within 60 s. No member of the pool is ready: a is asleep (Too little memory is free).", failure.Message);
        Assert.Empty(pool.Waiting);
    }

    [Fact]
    public async Task Place_AllAsleepAndTheStartFails_FailsAtOnceWithTheReason()
    {
        var member = new ScriptedMember("a");
        member.Status = member.Status with { Phase = MemberPhase.Asleep };
        var pool = Pool(member, new ScriptedMember("b", model: "large"));
        var placing = pool.PlaceAsync(Place() with { Model = "muse-mini" }, Test).AsTask();

        member.Become(member.Status with { Phase = MemberPhase.Failed, Reason = "The model file is not a GGUF file." });

        var failure = await Assert.ThrowsAsync<ChatClientException>(() => placing);
        Assert.Equal("No member of the pool is ready: a is failed (The model file is not a GGUF file).", failure.Message);
    }

    [Fact]
    public async Task Place_AsleepAndTheAgentIsStopped_WaitsNoLonger()
    {
        var member = new ScriptedMember("a");
        member.Status = member.Status with { Phase = MemberPhase.Asleep };
        var pool = Pool(member);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Test);
        var placing = pool.PlaceAsync(Place(), stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => placing);
        Assert.Empty(pool.Waiting);
    }

    [Fact]
    public async Task Place_OneReadyOthersAsleep_DoesNotWait()
    {
        var sleeping = new ScriptedMember("b");
        sleeping.Status = sleeping.Status with { Phase = MemberPhase.Asleep };
        var pool = Pool(new ScriptedMember("a"), sleeping);

        using var lease = await pool.PlaceAsync(Place(), Test);

        Assert.Equal("a", lease.Server);
        Assert.Equal(_time.GetUtcNow(), pool.Members[0].LastUsed);
        Assert.Null(pool.Members[1].LastUsed);
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

    private static AgentPlace Place() => new() { Run = Guid.NewGuid(), Agent = 0, TextTokens = 100 };
}
