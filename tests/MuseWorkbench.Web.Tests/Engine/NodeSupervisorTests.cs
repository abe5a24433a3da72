using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Engine;

public sealed class NodeSupervisorTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedNodes _nodes = new();
    private readonly ConfigurationManager _settings = new();
    private readonly NodeSupervisor _supervisor;

    public NodeSupervisorTests() => _supervisor = Create(new NodeOptions { WaitSeconds = 60 });

    [Fact]
    public async Task Crash_AgainAndAgain_WaitsTwiceAsLongUpToThirtySeconds()
    {
        await StartAsync();
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            (await _nodes.NextAsync()).Exit(139);
            var status = await WaitForAsync(s => s.Phase == NodePhase.Restarting);
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(seconds), status.NextAttempt);
            Assert.Contains("memory fault", status.Reason, StringComparison.Ordinal);
            await AdvanceAsync(TimeSpan.FromSeconds(seconds));
        }

        await _nodes.NextAsync();
        Assert.Equal(7, (await WaitForAsync(s => s.Phase == NodePhase.Starting)).Restarts);
    }

    [Fact]
    public async Task Crash_BeforeTheWaitIsOver_IsNotStartedAgain()
    {
        await StartAsync();
        (await _nodes.NextAsync()).Exit(1);
        await WaitForAsync(s => s.Phase == NodePhase.Restarting);
        await AdvanceAsync(TimeSpan.FromMilliseconds(999));
        Assert.Equal(1, _nodes.Starts);
        Assert.Equal(NodePhase.Restarting, _supervisor.Status.Phase);
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(59, 4)]
    public async Task Crash_AfterHealth_StartsAtOnceOnlyAfterAMinute(int healthySeconds, int expectedSeconds)
    {
        await using var server = await NodeServer.StartAsync();
        await StartAsync();
        await CrashTwiceAsync();

        var node = await _nodes.NextAsync();
        await MakeReadyAsync(node, server);
        _time.Advance(TimeSpan.FromSeconds(healthySeconds));
        var waits = Waits();
        node.Exit(1);
        Assert.Equal(TimeSpan.FromSeconds(expectedSeconds), await waits);
    }

    [Fact]
    public async Task Crash_AfterServing_StartsAtOnceEachTimeAndForgetsEarlierFailures()
    {
        await using var server = await NodeServer.StartAsync();
        await StartAsync();
        await CrashTwiceAsync();

        for (var life = 0; life < 50; life++)
        {
            var node = await _nodes.NextAsync(); // though no time passes
            await MakeReadyAsync(node, server);
            await MeasureAsync(server, generatedTokens: 1);
            var waits = Waits();
            node.Exit(139);
            Assert.Equal(TimeSpan.Zero, await waits);
        }

        (await _nodes.NextAsync()).Exit(139);
        await WaitForAsync(s => s.NextAttempt == _time.GetUtcNow() + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Crash_ReadyButIdle_WaitsFourSecondsAtMost()
    {
        await using var server = await NodeServer.StartAsync();
        await StartAsync();
        await CrashTwiceAsync();

        for (var life = 0; life < 3; life++)
        {
            var node = await _nodes.NextAsync();
            await MakeReadyAsync(node, server);
            await MeasureAsync(server, generatedTokens: 0);
            var waits = Waits();
            node.Exit(139);
            Assert.Equal(TimeSpan.FromSeconds(4), await waits);
            await AdvanceAsync(TimeSpan.FromSeconds(4));
        }
    }

    [Fact]
    public async Task CannotStart_ExitCode3_FailsWithTheReasonAndStaysDownUntilAsked()
    {
        await StartAsync();
        var node = await _nodes.NextAsync();
        node.Say("""{"event":"failed","reason":"The model file is not a GGUF file."}""");
        node.Exit(3);
        var status = await WaitForAsync(s => s.Phase == NodePhase.Failed);
        Assert.Equal("The model file is not a GGUF file.", status.Reason);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, _nodes.Starts);

        await _supervisor.RestartAsync();
        await _nodes.NextAsync();
        Assert.Equal(2, _nodes.Starts);
    }

    [Fact]
    public async Task CannotStart_NoExecutable_Fails()
    {
        _nodes.Refusal = "There is no engine.";
        await StartAsync();
        Assert.Equal("There is no engine.", (await WaitForAsync(s => s.Phase == NodePhase.Failed)).Reason);
    }

    [Fact]
    public async Task Settings_Changed_StartTheNodeAnew()
    {
        await StartAsync();
        var first = await _nodes.NextAsync();
        ((IConfigurationRoot)_settings).Reload();
        Assert.False(first.WasStopped);
        _nodes.IsOutdated = true;
        ((IConfigurationRoot)_settings).Reload();
        await _nodes.NextAsync();
        Assert.True(first.WasStopped);
    }

    [Fact]
    public async Task Ready_TellsTheModelAndHandsOutTheConnection()
    {
        await using var server = await NodeServer.StartAsync();
        await StartAsync();
        var connecting = _supervisor.ConnectAsync(TestContext.Current.CancellationToken);
        var node = await _nodes.NextAsync();
        node.Say("""{"event":"loading","progress":0.4}""");
        Assert.Equal(0.4, (await WaitForAsync(s => s.LoadProgress is not null)).LoadProgress);
        Assert.False(connecting.IsCompleted);
        await MakeReadyAsync(node, server);
        Assert.Equal("muse-mini", _supervisor.Status.Model!.Id);
        Assert.Equal(new Uri(server.Url), (await connecting).Url);
        Assert.Equal(node.Key, server.LastKey);
    }

    [Fact]
    public async Task Snapshots_Arrive_AreTheLatestAndInTheHistory()
    {
        await using var server = await NodeServer.StartAsync();
        var arrived = new TaskCompletionSource();
        _supervisor.SnapshotArrived += () => throw new InvalidOperationException("A circuit's trouble.");
        _supervisor.SnapshotArrived += arrived.SetResult;
        await StartAsync();
        await MakeReadyAsync(await _nodes.NextAsync(), server);
        server.Measure(TestSnapshots.Make(7) with { At = _time.GetUtcNow() });
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(7, _supervisor.Latest!.Steps);
        Assert.Equal(7, Assert.Single(_supervisor.History(TimeSpan.FromMinutes(1), 10)).Steps);
    }

    [Fact]
    public async Task Connect_NodeNeverReady_SaysSoAfterTheLimit()
    {
        await StartAsync();
        await _nodes.NextAsync();
        var connecting = _supervisor.ConnectAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(60));
        var late = await Assert.ThrowsAsync<NodeUnavailableException>(() => connecting);
        Assert.Contains("not ready within 60 s", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NodeFailed_GivesTheReasonAtOnce()
    {
        _nodes.Refusal = "There is no engine.";
        await StartAsync();
        var connecting = _supervisor.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.Equal("There is no engine.", (await Assert.ThrowsAsync<NodeUnavailableException>(() => connecting)).Message);
    }

    [Fact]
    public async Task Log_LinesOfTheNode_AreReadAndBounded()
    {
        await StartAsync();
        var node = await _nodes.NextAsync();
        for (var i = 0; i < NodeLog.Capacity + 10; i++)
        {
            node.Logs($"2026-01-31T12:00:00.000Z warn Engine[7] line {i}");
        }

        node.Logs("llama: printed by \u001b[31mnative code");
        node.Exit(1);
        await WaitForAsync(s => s.Phase == NodePhase.Restarting);
        var log = _supervisor.Log;
        Assert.Equal(NodeLog.Capacity, log.Count);
        Assert.Contains(log, line => line is { Level: LogLevel.Warning, Text: "Engine[7] line 2009", At.Year: 2026 });
        Assert.Contains(log, line => line is { Level: LogLevel.Information, Text: "llama: printed by  [31mnative code" });
    }

    [Fact]
    public async Task Sleep_BeforeTheStart_StartsNothingUntilAsked()
    {
        _supervisor.Sleep("No agent needed it yet.");
        await StartAsync();
        Assert.Equal("No agent needed it yet.", (await WaitForAsync(s => s.Phase == NodePhase.Asleep)).Reason);
        _nodes.IsOutdated = true;
        ((IConfigurationRoot)_settings).Reload();
        Assert.Equal(0, _nodes.Starts);

        await _supervisor.RestartAsync();
        await _nodes.NextAsync();
        Assert.Equal((NodePhase.Starting, 0), (_supervisor.Status.Phase, _supervisor.Status.Restarts));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sleep_Running_EndsTheNodeAndIsNoFailure(bool crashedBefore)
    {
        await using var server = await NodeServer.StartAsync();
        await StartAsync();
        var node = await _nodes.NextAsync();
        if (crashedBefore)
        {
            node.Exit(139);
            await WaitForAsync(s => s.Phase == NodePhase.Restarting);
        }
        else
        {
            await MakeReadyAsync(node, server);
        }

        _supervisor.Sleep("No agent for 10 min.");
        await WaitForAsync(s => s.Phase == NodePhase.Asleep);
        Assert.Equal((!crashedBefore, 1), (node.WasStopped, _nodes.Starts));
        Assert.Null(_supervisor.Connection);

        await _supervisor.RestartAsync();
        await MakeReadyAsync(await _nodes.NextAsync(), server);
    }

    [Fact]
    public async Task Sleep_AskedToStartBeforeItEnded_StartsAnew()
    {
        await StartAsync();
        var node = await _nodes.NextAsync();

        _supervisor.Sleep("No agent for 10 min.");
        await _supervisor.RestartAsync();

        Assert.NotSame(node, await _nodes.NextAsync());
        Assert.True(node.WasStopped);
    }

    [Fact]
    public async Task Connect_Asleep_SaysThatItIsWantedAndWaits()
    {
        await using var server = await NodeServer.StartAsync();
        _supervisor.Sleep("No agent needed it yet.");
        await StartAsync();
        await WaitForAsync(s => s.Phase == NodePhase.Asleep);
        _supervisor.Wanted += () => _ = _supervisor.RestartAsync();

        var connecting = _supervisor.ConnectAsync(TestContext.Current.CancellationToken);
        await MakeReadyAsync(await _nodes.NextAsync(), server);

        Assert.Equal(new Uri(server.Url), (await connecting).Url);
        Assert.Equal(_time.GetUtcNow(), _supervisor.LastAsked);
    }

    [Fact]
    public async Task Stop_EndsTheNode()
    {
        await StartAsync();
        var node = await _nodes.NextAsync();
        await _supervisor.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(node.WasStopped);
        Assert.Equal(NodePhase.Stopped, _supervisor.Status.Phase);
        await _supervisor.RestartAsync(); // must not wait for a start that won't come
    }

    public async ValueTask DisposeAsync()
    {
        await _supervisor.StopAsync(CancellationToken.None);
        _supervisor.Dispose();
        _settings.Dispose();
    }

    private NodeSupervisor Create(NodeOptions options) => new(_nodes, _settings, Options.Create(options), _time, NullLogger<NodeSupervisor>.Instance);

    private Task StartAsync() => _supervisor.StartAsync(TestContext.Current.CancellationToken);

    private async Task MakeReadyAsync(ScriptedNode node, NodeServer server)
    {
        server.BeginLife();
        node.Say($$"""{"event":"listening","url":"{{server.Url}}"}""");
        node.Say("""{"event":"ready"}""");
        await WaitForAsync(s => s.Phase == NodePhase.Ready);
    }

    /// <summary>Two failures, after which the next would wait 4 s.</summary>
    private async Task CrashTwiceAsync()
    {
        foreach (var seconds in new[] { 1, 2 })
        {
            (await _nodes.NextAsync()).Exit(1);
            await WaitForAsync(s => s.Phase == NodePhase.Restarting);
            await AdvanceAsync(TimeSpan.FromSeconds(seconds));
        }
    }

    /// <summary>A snapshot that has arrived.</summary>
    private async Task MeasureAsync(NodeServer server, long generatedTokens)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Arrive() => arrived.TrySetResult();
        _supervisor.SnapshotArrived += Arrive;
        server.Measure(TestSnapshots.Make(1) with { At = _time.GetUtcNow(), Counters = new() { GeneratedTokens = generatedTokens } });
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _supervisor.SnapshotArrived -= Arrive;
    }

    /// <summary>How long the next restart waits. Seen even where it waits for nothing, which a look at the status could miss.</summary>
    private Task<TimeSpan> Waits()
    {
        var seen = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        _supervisor.StatusChanged += () =>
        {
            if (_supervisor.Status is { Phase: NodePhase.Restarting, NextAttempt: { } next })
            {
                seen.TrySetResult(next - _time.GetUtcNow());
            }
        };
        return seen.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass once somebody waits for it.</summary>
    private async Task AdvanceAsync(TimeSpan by)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_time.Timers == 0)
        {
            await Task.Delay(5, limit.Token);
        }

        _time.Advance(by);
    }

    private async Task<NodeStatus> WaitForAsync(Func<NodeStatus, bool> condition)
    {
        var met = new TaskCompletionSource<NodeStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (_supervisor.Status is var status && condition(status))
            {
                met.TrySetResult(status);
            }
        }

        _supervisor.StatusChanged += Look;
        Look();
        try
        {
            return await met.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        finally
        {
            _supervisor.StatusChanged -= Look;
        }
    }
}
