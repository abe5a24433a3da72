using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

/// <summary>A local node's process ends while agents are at work on it.</summary>
public sealed class LocalMemberTests : IAsyncDisposable
{
    private readonly ElasticBench _bench = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAgain_ProcessEnded_WaitsForTheNextOne()
    {
        var (group, node, lease) = await StartAsync();
        node.Exit(139);

        var waiting = lease.AgainAsync(Test).AsTask();
        await BringBackAsync(group);

        using var again = Assert.IsAssignableFrom<AgentLease>(await waiting);
        Assert.NotSame(lease.Endpoint.Client, again.Endpoint.Client);
        Assert.Equal(("a", lease.Endpoint.ModelId), (again.Server, again.Endpoint.ModelId));
        Assert.Equal(2, group.Starts);
        lease.Dispose();
    }

    [Fact]
    public async Task ConnectAgain_EndIsSeenALittleLater_WaitsAllTheSame()
    {
        var (group, node, lease) = await StartAsync();

        var waiting = lease.AgainAsync(Test).AsTask();
        node.Exit(139);
        await BringBackAsync(group);

        using var again = await waiting;
        Assert.NotSame(lease.Endpoint.Client, again!.Endpoint.Client);
        lease.Dispose();
    }

    [Fact]
    public async Task ConnectAgain_ProcessStillRuns_IsNoOther()
    {
        var (_, _, lease) = await StartAsync();

        var waiting = lease.AgainAsync(Test).AsTask();
        while (!waiting.IsCompleted)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Test);
        }

        Assert.Null(await waiting);
        lease.Dispose();
    }

    [Fact]
    public async Task ConnectAgain_AgentIsStopped_WaitsNoLonger()
    {
        var (_, node, lease) = await StartAsync();
        node.Exit(139);
        using var stop = new CancellationTokenSource();

        var waiting = lease.AgainAsync(stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        lease.Dispose();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    /// <summary>Lets the pause before the next process pass, and has it say that it is ready.</summary>
    private async Task BringBackAsync(ScriptedGroup group)
    {
        await group.Members[0].UntilAsync(() => group.Supervisors[0].Status.Phase == NodePhase.Restarting, Test);
        while (group.Starts < 2)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Test);
        }

        await group.MakeReadyAsync();
    }

    private async Task<(ScriptedGroup Group, Kit.ScriptedNode Node, AgentLease Lease)> StartAsync()
    {
        var group = await _bench.AddAsync("a", min: 1, max: 1);
        var change = await _bench.BeginStepAsync();
        var node = await group.MakeReadyAsync();
        await change;
        return (group, node, await _bench.PlaceAsync());
    }
}
