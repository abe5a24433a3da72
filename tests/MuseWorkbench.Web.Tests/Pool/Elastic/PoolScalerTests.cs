using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Elastic;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

public sealed class PoolScalerTests : IAsyncDisposable
{
    private const long Gib = 1L << 30;

    private readonly ElasticBench _bench = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Step_NobodyNeedsANode_StartsNone()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 2);

        await _bench.StepAsync();

        Assert.Equal(0, a.Starts);
        Assert.Equal((0, 0, 0), (_bench.View("a").Running, _bench.View("a").Starting, _bench.View("a").Waiting));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Step_AgentWaits_StartsANodeThatServesFirstAndTakesTheAgentThen(bool vision, int firstRequests)
    {
        var a = await _bench.AddAsync("a", min: 0, max: 2, vision: vision);
        var warm = new TaskCompletionSource();
        a.Server.Gate = warm.Task;
        var placing = _bench.PlaceAsync();
        var change = await _bench.BeginStepAsync();
        await a.MakeReadyAsync();
        await a.Members[0].UntilAsync(() => a.Supervisors[0].Status.Phase == NodePhase.Ready, Test);

        // Ready, and yet it gets nobody before it served.
        Assert.Equal(MemberPhase.Starting, a.Members[0].Status.Phase);
        Assert.False(placing.IsCompleted);
        await _bench.BeginStepAsync();
        Assert.Equal((1, 1), (_bench.View("a").Starting, _bench.View("a").Waiting));
        warm.SetResult();

        using var lease = await placing;
        await change;
        Assert.Equal(("a", firstRequests), (lease.Server, a.Server.Chats.Count));
        Assert.Equal(vision, a.Server.Chats.Any(chat => chat.Contains("image_url", StringComparison.Ordinal)));
        await _bench.StepAsync();
        Assert.Equal((1, 0), (_bench.View("a").Running, a.Starts - 1));
        Assert.Equal("Starting a. 1 agent waits and no node runs.", Assert.Single(_bench.View("a").Notes).Text);
    }

    [Fact]
    public async Task Step_BelowTheMinimum_StartsOneAfterAnother()
    {
        var a = await _bench.AddAsync("a", min: 2, max: 3);
        var change = await _bench.BeginStepAsync();
        await _bench.BeginStepAsync();
        await a.MakeReadyAsync();
        await change;
        Assert.Equal(1, a.Starts);

        change = await _bench.BeginStepAsync();
        await a.MakeReadyAsync(1);
        await change;
        await _bench.StepAsync();

        Assert.Equal(2, a.Starts);
        Assert.Equal(["Starting a-2. 1 node runs, and at least 2 should.", "Starting a. No node runs, and at least 2 should."], _bench.View("a").Notes.Select(note => note.Text));
    }

    [Fact]
    public async Task Step_IdleLongEnough_StopsTheNodeAndTheNextAgentStartsIt()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 1);
        var node = await ServeAsync(a);
        await _bench.StepAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        await _bench.StepAsync();
        Assert.False(node.WasStopped);

        _bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _bench.StepAsync();

        Assert.True(node.WasStopped);
        Assert.Equal((MemberPhase.Asleep, false), (_bench.Pool.Members[0].Status.Phase, _bench.Pool.Members[0].Draining));
        Assert.Equal("Stopping a. No agent for 10 min.", _bench.View("a").Notes[0].Text);
        await ServeAsync(a);
        Assert.Equal(2, a.Starts);
    }

    [Fact]
    public async Task Stop_AgentCameMeanwhile_GoesOn()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 1);
        var node = await ServeAsync(a);
        using var lease = await _bench.PlaceAsync();

        Assert.Equal("An agent came to it meanwhile.", await a.Group.StopAsync("a", "No agent for 10 min.", Test));

        Assert.False(node.WasStopped);
        Assert.False(_bench.Pool.Members[0].Draining);
    }

    [Fact]
    public async Task Step_StartFails_TellsTheAgentAndPausesLongerEachTime()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 1);
        a.Launchers[0].Refusal = "There is no engine.";
        foreach (var seconds in new[] { 5, 10, 20 })
        {
            var placing = _bench.PlaceAsync();
            await _bench.StepAsync();

            Assert.Contains("There is no engine.", (await Assert.ThrowsAsync<ChatClientException>(() => placing)).Message, StringComparison.Ordinal);
            Assert.Equal(MemberPhase.Failed, a.Members[0].Status.Phase);
            Assert.Equal($"There is no engine. None is started for {seconds} s.", a.Members[0].Status.Reason);
            Assert.Equal((true, "a was not started. There is no engine."), (_bench.View("a").Notes[0].IsFault, _bench.View("a").Notes[0].Text));
            await Assert.ThrowsAsync<ChatClientException>(() => _bench.PlaceAsync());
            _bench.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await _bench.StepAsync();
            Assert.Equal(MemberPhase.Failed, a.Members[0].Status.Phase);
            _bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            await _bench.StepAsync();
            Assert.Equal(MemberPhase.Asleep, a.Members[0].Status.Phase);
        }

        Assert.Equal(3, a.Starts);
    }

    [Fact]
    public async Task Step_FirstRequestFails_EndsTheNodeAndSaysWhy()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 1);
        a.Server.IsBroken = true;
        var placing = _bench.PlaceAsync();
        var change = await _bench.BeginStepAsync();
        var node = await a.MakeReadyAsync();
        await change;

        await Assert.ThrowsAsync<ChatClientException>(() => placing);
        Assert.True(node.WasStopped);
        Assert.StartsWith("a was not started. Its first request failed.", _bench.View("a").Notes[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_CrashWhileStarting_IsAFailedStart()
    {
        var a = await _bench.AddAsync("a", min: 1, max: 1);
        var change = await _bench.BeginStepAsync();
        (await a.Launchers[0].NextAsync()).Exit(139);
        await change;

        Assert.Contains("memory fault", _bench.View("a").Notes[0].Text, StringComparison.Ordinal);
        Assert.True(a.Members[0].IsAsleep);
    }

    [Fact]
    public async Task Step_TwoModelsOnOneDevice_OneIsStartedAfterTheOther()
    {
        var (a, b) = (await _bench.AddAsync("a", min: 0, max: 1), await _bench.AddAsync("b", min: 0, max: 1));
        a.Fitting.Fit = b.Fitting.Fit = new NodeFit("CPU", Gib, 8 * Gib);
        await a.Group.FitAsync(Test);
        await b.Group.FitAsync(Test);
        var (forA, forB) = (_bench.PlaceAsync("a"), _bench.PlaceAsync("b"));
        var change = await _bench.BeginStepAsync();
        await _bench.BeginStepAsync();
        await a.MakeReadyAsync();
        await change;
        Assert.Equal((1, 0), (a.Starts, b.Starts));

        change = await _bench.BeginStepAsync();
        await b.MakeReadyAsync();
        await change;

        Assert.Equal(1, b.Starts);
        // What the scripted server serves has its own name: whoever wanted the settings' says so.
        await Assert.ThrowsAsync<ChatClientException>(() => forA);
        await Assert.ThrowsAsync<ChatClientException>(() => forB);
    }

    [Fact]
    public async Task Step_AgentThatBothModelsServe_StartsOne()
    {
        var (a, b) = (await _bench.AddAsync("a", min: 0, max: 1), await _bench.AddAsync("b", min: 0, max: 1));
        var placing = _bench.PlaceAsync();
        var change = await _bench.BeginStepAsync();
        await a.MakeReadyAsync();
        await change;
        using var lease = await placing;
        await _bench.StepAsync();

        Assert.Equal((1, 0), (a.Starts, b.Starts));
    }

    [Fact]
    public async Task Step_MemoryIsShort_SwapsTheIdleModelAndThenStarts()
    {
        var (a, b) = (await _bench.AddAsync("a", min: 0, max: 1), await _bench.AddAsync("b", min: 0, max: 1));
        a.Fitting.Fit = new NodeFit("CPU", Gib, 2 * Gib);
        var idle = await ServeAsync(a);
        b.Fitting.Fit = new NodeFit("CPU", 2 * Gib, Gib);
        await b.Group.FitAsync(Test);
        await _bench.StepAsync();
        var placing = _bench.PlaceAsync("b");
        await _bench.StepAsync();
        Assert.Equal(0, b.Starts);
        Assert.Equal(
            "1 agent waits and no node runs. 2.0 GiB of memory are needed, 1.0 GiB are free, and stopping idle nodes above their minimum would not make room.",
            _bench.View("b").Notes[0].Text);

        _bench.Time.Advance(TimeSpan.FromSeconds(30));
        await _bench.StepAsync();
        Assert.True(idle.WasStopped);
        Assert.Equal("Stopping a. Makes room for b (2.0 GiB of memory are needed, 1.0 GiB are free); least recently used, idle for 30 s.", _bench.View("a").Notes[0].Text);
        b.Fitting.Fit = new NodeFit("CPU", 2 * Gib, 2 * Gib);
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        var change = await _bench.BeginStepAsync();
        await b.MakeReadyAsync();
        await change;

        Assert.Equal(1, b.Starts);
        await Assert.ThrowsAsync<ChatClientException>(() => placing); // the scripted server's model has another name
    }

    [Fact]
    public async Task Step_ImageWanted_StartsTheFirstNode()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 2);
        var connecting = a.Supervisors[0].ConnectAsync(Test);
        var change = await _bench.BeginStepAsync();
        await a.MakeReadyAsync();

        Assert.Equal(new Uri(a.Server.Url), (await connecting).Url);
        await change;
        _bench.Time.Advance(TimeSpan.FromMinutes(9));
        await a.Supervisors[0].ConnectAsync(Test);
        _bench.Time.Advance(TimeSpan.FromMinutes(9));
        await _bench.StepAsync();
        Assert.Equal(1, _bench.View("a").Running);
    }

    [Fact]
    public async Task Step_SecondNodeRuns_TheFirstIsNotStoppedBeforeIt()
    {
        var a = await _bench.AddAsync("a", min: 0, max: 2);
        var first = await ServeAsync(a);
        await a.Members[1].RestartAsync();
        var second = await a.MakeReadyAsync(1);
        await a.Members[1].UntilAsync(() => a.Members[1].IsReady, Test);
        await _bench.StepAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(10));
        await _bench.StepAsync();
        Assert.Equal((false, true), (first.WasStopped, second.WasStopped));

        _bench.Time.Advance(TimeSpan.FromMinutes(10));
        await _bench.StepAsync();
        Assert.True(first.WasStopped);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    /// <summary>Has the group's first node started for an agent that goes at once.</summary>
    private async Task<Kit.ScriptedNode> ServeAsync(ScriptedGroup group)
    {
        var placing = _bench.PlaceAsync();
        var change = await _bench.BeginStepAsync();
        var node = await group.MakeReadyAsync();
        (await placing).Dispose();
        await change;
        return node;
    }
}
