using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

public class RunLogTests
{
    private readonly Guid _run = Guid.NewGuid();

    [Fact]
    public async Task Read_ManyWritersManyReaders_EachSeesAllInOrder()
    {
        const int Writers = 16, Each = 500;
        var log = new RunLog(_run, TimeProvider.System);
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
        var log = new RunLog(_run, TimeProvider.System);
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
        var log = new RunLog(_run, TimeProvider.System);
        log.Append(Finished());
        log.Append(new AgentQueued { Agent = 0 });

        Assert.IsType<RunFinished>(Assert.Single(await ReadAsync(log, 0)));
    }

    [Fact]
    public async Task Read_Cancelled_Throws()
    {
        var log = new RunLog(_run, TimeProvider.System);
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
}
