using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Tests.Fakes;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>What a run is told of the engines its agents are on.</summary>
public sealed class PoolEngineWatchTests
{
    private readonly ManualTime _time = new();
    private readonly AgentPool _pool;
    private readonly Guid _run = Guid.NewGuid();

    public PoolEngineWatchTests() => _pool = new AgentPool("round-robin", _time);

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_AgentsOnTwoEngines_AreAddedUp()
    {
        var (a, b, elsewhere) = (Add("a"), Add("b"), Add("c"));
        using var one = await PlaceAsync();
        using var two = await PlaceAsync();
        await using var watch = Watch();
        var next = watch.MoveNextAsync().AsTask();
        foreach (var member in (FakeMember[])[a, b, elsewhere])
            member.Tell(Snapshot(1, generated: 10));

        var told = await TakeAsync(watch, next);

        Assert.Equal((20, 5.0, 32, 6), (told.IntervalGenerated, told.MeanRows, told.RowCapacity, told.Running));
        Assert.Equal(new KvCells(200, 20, 40, 60), told.Kv);
        Assert.Equal(200, told.IntervalMs);
    }

    [Fact]
    public async Task Watch_OneEngineIsSilent_ItStandsWhereItStoodLast()
    {
        var (a, b) = (Add("a"), Add("b"));
        b.Tell(Snapshot(1, generated: 99));
        using var one = await PlaceAsync();
        using var two = await PlaceAsync();
        await using var watch = Watch();
        var next = watch.MoveNextAsync().AsTask();
        a.Tell(Snapshot(1, generated: 10));

        var told = await TakeAsync(watch, next);

        // What b had done before the run looked is not the run's.
        Assert.Equal((10, 200.0, 6, 200), (told.IntervalGenerated, told.IntervalMs, told.Running, told.Kv.Capacity));
    }

    [Fact]
    public async Task Watch_OnlyMemberBeforeAnyAgent_IsWatched()
    {
        var a = Add("a");
        await using var watch = Watch();
        var next = watch.MoveNextAsync().AsTask();
        a.Tell(Snapshot(1, generated: 10));

        Assert.Equal(10, (await TakeAsync(watch, next)).IntervalGenerated);
    }

    [Fact]
    public async Task Watch_AgentsGone_GoesOnWithTheEnginesTheyWereOn()
    {
        var (a, _) = (Add("a"), Add("b"));
        await using var watch = Watch();
        var lease = await PlaceAsync();
        var next = watch.MoveNextAsync().AsTask();
        a.Tell(Snapshot(1, generated: 10));
        await TakeAsync(watch, next);
        lease.Dispose();
        next = watch.MoveNextAsync().AsTask();
        a.Tell(Snapshot(2, generated: 7));

        Assert.Equal(7, (await TakeAsync(watch, next)).IntervalGenerated);
    }

    /// <summary>A run of a moment has a sample, too.</summary>
    [Fact]
    public async Task Watch_ToldBeforeTheAgentWasSeenThere_IsTheRuns()
    {
        var (a, _) = (Add("a"), Add("b"));
        await using var watch = Watch();
        var next = watch.MoveNextAsync().AsTask();
        a.Tell(Snapshot(1, generated: 10));
        using var lease = await PlaceAsync();

        Assert.Equal(10, (await TakeAsync(watch, next)).IntervalGenerated);
    }

    private FakeMember Add(string name)
    {
        var member = new FakeMember(name);
        _pool.Add(member);
        return member;
    }

    private async Task<AgentLease> PlaceAsync() => await _pool.PlaceAsync(new AgentPlace { Run = _run, Agent = 0, Stage = Random.Shared.Next() }, Test);

    private IAsyncEnumerator<EngineSnapshot> Watch() => new PoolEngineWatch(_pool, _time).WatchAsync(_run, Test).GetAsyncEnumerator(Test);

    /// <summary>Lets time pass until the next is there.</summary>
    private async Task<EngineSnapshot> TakeAsync(IAsyncEnumerator<EngineSnapshot> watch, Task<bool> coming)
    {
        while (!coming.IsCompleted)
        {
            await Task.Yield();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Test.ThrowIfCancellationRequested();
        }

        Assert.True(await coming);
        return watch.Current;
    }

    private static EngineSnapshot Snapshot(int second, int generated) =>
        TestSnapshots.Make(1) with { At = DateTimeOffset.UnixEpoch.AddSeconds(second), IntervalGenerated = generated };

    private sealed class FakeMember(string name) : IPoolMember
    {
        private static readonly ModelInfo s_model = new() { Id = "m", ContextLength = 4096 };

        public event Action? Changed;

        public string Name => name;
        public string Place => "here";
        public bool IsLocal => true;
        public MemberStatus Status { get; } = new(MemberPhase.Ready) { Models = [s_model] };
        public EngineSnapshot? Latest { get; private set; }

        public ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new AgentEndpoint(new OpenAIChatClient(new HttpClient(), new() { Endpoint = new Uri("http://far"), Model = "m", ServerName = "far" }, TimeProvider.System), s_model));

        public Task RestartAsync() => Task.CompletedTask;

        public void Tell(EngineSnapshot snapshot)
        {
            Latest = snapshot;
            Changed?.Invoke();
        }
    }
}
