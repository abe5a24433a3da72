using System.Collections.Immutable;
using MuseWorkbench.Agents.Pool.Scaling;
using MuseWorkbench.Agents.Tests.Kit;

namespace MuseWorkbench.Agents.Tests.Pool.Scaling;

public class NodeScalerTests
{
    private const long Gib = 1L << 30;

    private readonly FakeTimeProvider _time = new();
    private readonly NodeScaler _scaler;

    public NodeScalerTests() => _scaler = new NodeScaler(_time);

    /// <summary>Nodes as letters: a asleep, s starting, R ready and idle, B ready and busy, H ready and held, f failed.</summary>
    [Theory]
    // Nothing to do.
    [InlineData(0, 2, "aa", 0, 0, null)]
    [InlineData(1, 2, "Ba", 0, 0, null)]
    [InlineData(1, 2, "Ra", 0, 0, null)]
    [InlineData(0, 2, "sa", 0, 0, null)]
    // Agents wait: the first that sleeps, unless one comes or serves already.
    [InlineData(0, 2, "aa", 3, 0, "Start 1")]
    [InlineData(0, 2, "sa", 3, 0, null)]
    [InlineData(0, 2, "fa", 3, 0, "Start 2")]
    [InlineData(0, 2, "ff", 3, 0, null)]
    [InlineData(0, 2, "Ha", 1, 0, "Start 2")]
    [InlineData(0, 1, "H", 1, 0, null)]
    [InlineData(0, 2, "Ba", 1, 0, null)]
    // Below the minimum, one after another, though nobody waits.
    [InlineData(1, 2, "aa", 0, 0, "Start 1")]
    [InlineData(2, 3, "Raa", 0, 0, "Start 2")]
    [InlineData(2, 3, "saa", 0, 0, "Start 2")]
    [InlineData(1, 2, "fa", 0, 0, "Start 2")]
    // The queue was too long all the time it was looked at.
    [InlineData(1, 2, "Ba", 0, 3, "Start 2")]
    [InlineData(1, 2, "Ba", 0, 2, null)]
    [InlineData(1, 3, "Bsa", 0, 3, null)]
    [InlineData(1, 2, "BB", 0, 3, null)]
    [InlineData(1, 1, "B", 0, 3, null)]
    public void Decide_Situation_Step(int min, int max, string nodes, int waiting, double queueSeconds, string? expected)
    {
        var group = Group("a", min, max, nodes) with { Waiting = waiting, QueueTime = TimeSpan.FromSeconds(queueSeconds) };

        Decide(group);
        _time.Advance(NodeScaler.Sustained);

        Assert.Equal(expected, Said(Decide(group)));
    }

    [Theory]
    [InlineData(0, "Ra", 10, "Stop 1")]
    [InlineData(0, "Ra", 9.9, null)]
    [InlineData(1, "Ra", 60, null)]
    [InlineData(1, "RRa", 10, "Stop 2")]
    [InlineData(1, "RBa", 10, "Stop 1")]
    [InlineData(2, "RRa", 60, null)]
    [InlineData(0, "Bs", 60, null)]
    [InlineData(0, "HB", 60, null)]
    [InlineData(1, "sR", 60, "Stop 2")]
    public void Decide_Idle_StopsTheLastThatWasIdleLongEnoughNeverBelowTheMinimum(int min, string nodes, double idleMinutes, string? expected)
    {
        var group = Group("a", min, 3, nodes);
        _time.Advance(TimeSpan.FromMinutes(idleMinutes));

        Assert.Equal(expected, Said(Decide(group)));
    }

    [Fact]
    public void Decide_AgentsWaitButTheGroupIsPaused_DoesNothingUntilThePauseIsOver()
    {
        var group = Group("a", 0, 1, "a") with { Waiting = 1, PausedUntil = _time.GetUtcNow() + TimeSpan.FromSeconds(5) };

        Assert.Null(Decide(group));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("Start 1", Said(Decide(group)));
    }

    [Fact]
    public void Decide_IdleButTheLastChangeFailed_IsNotTriedAgainBeforeThePauseIsOver()
    {
        var group = Group("a", 0, 1, "R");
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.Null(Decide(group with { PausedUntil = _time.GetUtcNow() + TimeSpan.FromSeconds(1) }));
        Assert.Equal("Stop 1", Said(Decide(group)));
    }

    [Fact]
    public void Decide_QueueComesAndGoes_StartsNothing()
    {
        var calm = Group("a", 1, 2, "Ba");
        var crowded = calm with { QueueTime = TimeSpan.FromSeconds(60) };
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(Decide(i % 4 == 3 ? calm : crowded));
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
    }

    [Fact]
    public void Decide_NodeJustStarted_TheQueueCountsAnew()
    {
        var group = Group("a", 1, 3, "Baa") with { QueueTime = TimeSpan.FromSeconds(60) };
        Decide(group);
        _time.Advance(NodeScaler.Sustained);
        Assert.Equal("Start 2", Said(Decide(group)));

        var grown = group with { Nodes = Group("a", 1, 3, "BBa").Nodes };
        Assert.Null(Decide(grown));
        _time.Advance(NodeScaler.Sustained);
        Assert.Equal("Start 3", Said(Decide(grown)));
    }

    [Fact]
    public void Decide_LoadThatComesAndGoesEveryMinute_ChangesNothingAfterTheFirst()
    {
        // Two nodes are needed for half of each minute: the second is started once and stays.
        var nodes = "Ba";
        var lastUsed = _time.GetUtcNow();
        var steps = new List<string>();
        for (var second = 0; second < 3600; second++)
        {
            var busy = second % 60 < 30;
            if (busy)
                lastUsed = _time.GetUtcNow();
            var group = Group("a", 1, 2, nodes) with { QueueTime = busy && nodes == "Ba" ? TimeSpan.FromSeconds(5) : TimeSpan.Zero };
            group = group with { Nodes = [.. group.Nodes.Select(node => node with { LastUsed = lastUsed })] };
            if (Said(Decide(group)) is { } step)
            {
                steps.Add(step);
                nodes = step.StartsWith("Start", StringComparison.Ordinal) ? "BR" : "Ba";
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["Start 2"], steps);
    }

    /// <summary>Group a wants a node of 4 GiB; b and c have idle ones of 2 GiB each.</summary>
    [Theory]
    [InlineData(4.0, 0, 0, "Start 1")]
    [InlineData(2.0, 0, 0, "Swap b1")]
    [InlineData(0.5, 0, 0, "Swap b1")]
    [InlineData(2.0, 1, 0, "Swap c1")]
    [InlineData(0.5, 1, 0, "Wait 1")]
    [InlineData(3.9, 1, 1, "Wait 1")]
    public void Decide_MemoryIsShort_StopsTheLeastRecentlyUsedThatMakeRoom(double freeGib, int minOfB, int minOfC, string expected)
    {
        var b = Group("b", minOfB, 1, "R") with { NodeBytes = 2 * Gib };
        _time.Advance(TimeSpan.FromSeconds(30));
        var c = Group("c", minOfC, 1, "R") with { NodeBytes = 2 * Gib };
        _time.Advance(TimeSpan.FromSeconds(30));
        var a = Group("a", 0, 1, "a") with { NodeBytes = 4 * Gib, Waiting = 1 };

        Assert.Equal(expected, Said(Decide((long)(freeGib * Gib), a, b, c)));
    }

    [Fact]
    public void Decide_SwapAgainAndAgain_UntilThereIsRoom()
    {
        var (b, c) = (Group("b", 0, 1, "R") with { NodeBytes = 2 * Gib }, Group("c", 0, 1, "R") with { NodeBytes = 2 * Gib });
        _time.Advance(TimeSpan.FromMinutes(1));
        var a = Group("a", 0, 1, "a") with { NodeBytes = 4 * Gib, Waiting = 1 };

        Assert.Equal("Swap b1", Said(Decide(0, a, b, c)));
        b = b with { Nodes = Group("b", 0, 1, "a").Nodes };
        Assert.Equal("Swap c1", Said(Decide(2 * Gib, a, b, c)));
        c = c with { Nodes = Group("c", 0, 1, "a").Nodes };
        Assert.Equal("Start 1", Said(Decide(4 * Gib, a, b, c)));
    }

    [Theory]
    [InlineData("B", 60, 0, "Wait 1")] // at work
    [InlineData("H", 60, 0, "Wait 1")] // held by somebody
    [InlineData("s", 60, 0, "Wait 1")] // about to serve
    [InlineData("R", 4, 0, "Wait 1")] // used a moment ago
    [InlineData("R", 5, 0, "Swap b1")]
    [InlineData("R", 60, 1, "Wait 1")] // agents wait for it, too
    public void Decide_MemoryIsShort_OnlyNodesThatNobodyNeedsMakeRoom(string nodes, int idleSeconds, int waitingForB, string expected)
    {
        var b = Group("b", 0, 1, nodes) with { NodeBytes = 4 * Gib, Waiting = waitingForB };
        _time.Advance(TimeSpan.FromSeconds(idleSeconds));
        var a = Group("a", 0, 1, "a") with { NodeBytes = 4 * Gib, Waiting = 1 };

        Assert.Equal(expected, Said(Decide(Gib, a, b)));
    }

    [Theory]
    [InlineData(59, "Wait 2")]
    [InlineData(60, "Swap b1")]
    public void Decide_OneMoreOfAModelThatHasSome_OnlyTakesRoomOfThoseIdleForLonger(int idleSeconds, string expected)
    {
        var b = Group("b", 0, 1, "R") with { NodeBytes = 4 * Gib };
        var a = Group("a", 1, 2, "Ba") with { NodeBytes = 4 * Gib, QueueTime = TimeSpan.FromSeconds(9) };
        _time.Advance(TimeSpan.FromSeconds(idleSeconds) - NodeScaler.Sustained);
        Decide(Gib, a, b);
        _time.Advance(NodeScaler.Sustained);

        Assert.Equal(expected, Said(Decide(Gib, a, b)));
    }

    [Fact]
    public void Decide_ModelWithoutANodeWaitsForMemory_OthersDoNotGrow()
    {
        var a = Group("a", 0, 1, "a") with { NodeBytes = 4 * Gib, Waiting = 1 };
        var b = Group("b", 1, 2, "Ba") with { NodeBytes = Gib, QueueTime = TimeSpan.FromSeconds(9) };
        Decide(2 * Gib, a, b);
        _time.Advance(NodeScaler.Sustained);

        Assert.Equal("Wait 1", Said(Decide(2 * Gib, a, b)));
    }

    [Fact]
    public void Decide_SeveralModelsWait_TheOneThatWaitsLongestIsFirst()
    {
        var now = _time.GetUtcNow();
        var a = Group("a", 0, 1, "a") with { Waiting = 1, WaitingSince = now };
        var b = Group("b", 0, 1, "a") with { Waiting = 1, WaitingSince = now - TimeSpan.FromSeconds(1) };
        var c = Group("c", 1, 1, "a");

        Assert.Equal("b", Decide(a, b, c)!.Group);
        Assert.Equal("a", Decide(a, c)!.Group);
        Assert.Equal("c", Decide(c)!.Group);
    }

    [Fact]
    public void Decide_MemoryIsNotKnown_Starts()
    {
        var a = Group("a", 0, 1, "a") with { Waiting = 1 };

        Assert.Equal("Start 1", Said(Decide(0, a)));
        Assert.Equal("Start 1", Said(Decide(a with { NodeBytes = 4 * Gib })));
    }

    [Fact]
    public void Decide_Reasons_SayWhyWithNumbers()
    {
        var b = Group("b", 0, 1, "R") with { NodeBytes = 4 * Gib };
        _time.Advance(TimeSpan.FromMinutes(11));
        var a = Group("a", 0, 1, "a") with { NodeBytes = 4 * Gib + (Gib / 2), Waiting = 3 };

        Assert.Equal("3 agents wait and no node runs.", Decide(8 * Gib, a)!.Reason);
        Assert.Equal("No agent for 11 min.", Decide(b)!.Reason);
        Assert.Equal("Makes room for a (4.5 GiB of memory are needed, 1.0 GiB are free); least recently used, idle for 11 min.", Decide(Gib, a, b)!.Reason);
        Assert.Equal(
            "3 agents wait and no node runs. 4.5 GiB of memory are needed, 512 MiB are free, and stopping idle nodes above their minimum would not make room.",
            Decide(Gib / 2, a, Group("b", 0, 1, "R") with { NodeBytes = 8 * Gib })!.Reason);
        Assert.Equal("No node runs, and at least 1 should.", Decide(Group("c", 1, 1, "a"))!.Reason);
        var crowded = Group("d", 1, 2, "Ba") with { QueueTime = TimeSpan.FromSeconds(4.2) };
        Decide(crowded);
        _time.Advance(NodeScaler.Sustained);
        Assert.Equal("An agent would wait 4.2 s for a place, longer than 2 s.", Decide(crowded)!.Reason);
    }

    private ScaleDecision? Decide(params ImmutableArray<GroupObservation> groups) => _scaler.Decide(new DeviceObservation(null, groups));

    private ScaleDecision? Decide(long free, params ImmutableArray<GroupObservation> groups) => _scaler.Decide(new DeviceObservation(free, groups));

    private static string? Said(ScaleDecision? step) => step is null ? null : $"{step.Action} {(step.Group == "a" ? "" : step.Group)}{step.Node}";

    private GroupObservation Group(string name, int min, int max, string nodes) => new(name, new NodeLimits { Min = min, Max = max }, [.. nodes.Select((letter, i) => new NodeObservation(
        $"{i + 1}",
        letter switch { 'a' => NodeState.Asleep, 's' => NodeState.Starting, 'f' => NodeState.Failed, _ => NodeState.Ready },
        letter == 'B' ? 3 : 0, _time.GetUtcNow()) { IsHeld = letter == 'H' })]);
}
