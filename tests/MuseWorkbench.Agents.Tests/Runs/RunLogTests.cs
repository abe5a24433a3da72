using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

public class RunLogTests
{
    private readonly Guid _run = Guid.NewGuid();

    [Fact]
    public async Task Append_StoreSlow_ShownOnceSavedAndAskedForOnce()
    {
        var store = new SlowStore();
        var log = new RunLog(_run, TimeProvider.System, store);
        log.Append(new AgentQueued { Agent = 0 });
        log.Append(new AgentQueued { Agent = 1 });
        log.Append(Finished());
        var reading = ReadAsync(log, 0);

        Assert.Same(log, Assert.Single(store.Notified));
        Assert.Equal([1, 2, 3], log.TakeUnsaved().Select(e => e.Seq));
        Assert.False(log.FirstShown.IsCompleted);
        log.Saved(2);
        Assert.True(log.FirstShown.IsCompleted);
        Assert.Null(log.Shown.End);
        Assert.False(reading.IsCompleted);
        Assert.Equal([3], log.TakeUnsaved().Select(e => e.Seq));
        log.Saved(3);

        Assert.NotNull(log.Shown.End);
        Assert.Equal([1, 2, 3], (await reading).Select(e => e.Seq));
    }

    [Fact]
    public void Append_StoreFailing_ShownAtOnceUntilItSavesAgain()
    {
        var log = new RunLog(_run, TimeProvider.System, new SlowStore());
        log.NotSaved();
        log.Append(new FinalAnswer { Outcome = FinalOutcome.Single, Answer = "3", Options = [], Agreement = 1 });
        Assert.Equal("3", log.Shown.Answer?.Answer);
        log.Saved(1);
        log.Append(Finished());
        Assert.Null(log.Shown.End);
    }

    [Fact]
    public async Task Append_AfterEarlierSegments_NumbersGoOn()
    {
        var first = new RunLog(_run, TimeProvider.System, new NoRunStore());
        first.Append(new AgentQueued { Agent = 0 });
        first.Append(Finished());
        var second = new RunLog(_run, TimeProvider.System, new NoRunStore(), first.Events);
        Assert.True(second.Append(new RunResumed { Agents = [0] }));
        second.Append(Finished());
        Assert.False(second.Append(new AgentQueued { Agent = 0 }));

        Assert.Equal([1, 2, 3, 4], (await ReadAsync(second, 0)).Select(e => e.Seq));
    }

    [Fact]
    public async Task Read_ManyWritersManyReaders_EachSeesAllInOrder()
    {
        const int Writers = 16, Each = 500;
        var log = new RunLog(_run, TimeProvider.System, new NoRunStore());
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(log, 0))).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(agent => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                log.Append(new ReasoningDelta { Agent = agent, Text = $"{i}" });
        })));
        log.Append(Finished());

        foreach (var events in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, Writers * Each + 1).Select(n => (long)n), events.Select(e => e.Seq));
            foreach (var agent in events.OfType<ReasoningDelta>().GroupBy(d => d.Agent))
                Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{i}"), agent.Select(d => d.Text));
        }
    }

    [Fact]
    public async Task Read_AfterSeq_ResumesThere()
    {
        var log = new RunLog(_run, TimeProvider.System, new NoRunStore());
        for (var i = 0; i < 1000; i++)
            log.Append(new AgentQueued { Agent = i });
        log.Append(Finished());

        Assert.Equal(Enumerable.Range(701, 301).Select(n => (long)n), (await ReadAsync(log, 700)).Select(e => e.Seq));
        Assert.Equal(1001, (await ReadAsync(log, -5)).Count);
        Assert.Empty(await ReadAsync(log, 1001));
        Assert.Empty(await ReadAsync(log, long.MaxValue));
    }

    [Fact]
    public async Task Append_AfterFinish_Dropped()
    {
        var log = new RunLog(_run, TimeProvider.System, new NoRunStore());
        log.Append(Finished());
        log.Append(new AgentQueued { Agent = 0 });

        Assert.IsType<RunFinished>(Assert.Single(await ReadAsync(log, 0)));
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        var log = new RunLog(_run, TimeProvider.System, new NoRunStore());
        using var stop = new CancellationTokenSource();
        await using var reader = log.ReadAsync(0, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = reader.MoveNextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    private static async Task<List<RunEvent>> ReadAsync(RunLog log, long after) =>
        await log.ReadAsync(after, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static RunFinished Finished() =>
        new() { Outcome = RunOutcome.Completed, WallClockMs = 1, TotalTokens = 0, CriticalPathTokens = 0 };

    private sealed class SlowStore : IRunStore
    {
        public List<IUnsavedEvents> Notified { get; } = [];

        public RunStoreStatus Status { get; } = new(true);

        public event Action? StatusChanged
        {
            add { }
            remove { }
        }

        public void Notify(IUnsavedEvents run) => Notified.Add(run);

        public Task AppendAsync(IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, long afterSeq, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> ContainsAsync(Guid runId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> FindOpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
