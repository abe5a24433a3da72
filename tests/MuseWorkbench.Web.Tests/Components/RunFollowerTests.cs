using System.Threading.Channels;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class RunFollowerTests
{
    [Fact]
    public async Task FollowAsync_EventsWhileWaiting_ComeInOneBatch()
    {
        var time = new ManualTime();
        var runs = new ScriptedRuns();
        var batches = Channel.CreateUnbounded<int>();
        var following = new RunFollower(runs, time).FollowAsync(Guid.Empty, 0, batch => batches.Writer.WriteAsync(batch.Count).AsTask(), TestContext.Current.CancellationToken);

        runs.Events.Writer.TryWrite(new AgentQueued { Agent = 0 });
        Assert.Equal(1, await batches.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await Until(() => time.Timers > 0);
        for (var i = 0; i < 5; i++)
        {
            runs.Events.Writer.TryWrite(new ReasoningDelta { Agent = 0, Text = "x" });
        }

        runs.Events.Writer.Complete();
        await runs.Drained.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(RunFollower.Frame);

        Assert.Equal(5, await batches.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await Until(() => time.Timers > 0 || following.IsCompleted);
        time.Advance(RunFollower.Frame);
        await following;
    }

    [Fact]
    public async Task FollowAsync_UnknownRun_Throws()
    {
        var runs = new ScriptedRuns();
        runs.Events.Writer.Complete(new KeyNotFoundException());

        await Assert.ThrowsAsync<KeyNotFoundException>(() =>
            new RunFollower(runs, TimeProvider.System).FollowAsync(Guid.Empty, 0, _ => Task.CompletedTask, TestContext.Current.CancellationToken));
    }

    private static async Task Until(Func<bool> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, "It did not happen within ten seconds.");
            await Task.Yield();
        }
    }
}
