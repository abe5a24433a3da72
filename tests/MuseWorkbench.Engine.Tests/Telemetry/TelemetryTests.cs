using MuseWorkbench.Core;
using MuseWorkbench.Engine.Telemetry;
using MuseWorkbench.Engine.Tests.Scheduling;

namespace MuseWorkbench.Engine.Tests.Telemetry;

public class TelemetryTests
{
    [Fact]
    public void Summarize_ManyValues_PercentilesWithinTheBucketsPrecision()
    {
        var window = new LatencyWindow(new ManualTime());
        for (var i = 1; i <= 1000; i++)
        {
            window.Record(i);
        }

        var summary = window.Summarize();

        Assert.Equal(1000, summary.Count);
        Assert.InRange(summary.P50, 500 * 0.97, 500 * 1.03);
        Assert.InRange(summary.P95, 950 * 0.97, 950 * 1.03);
        Assert.InRange(summary.P99, 990 * 0.97, 990 * 1.03);
    }

    [Fact]
    public void Summarize_AMinuteLater_OldValuesAreGone()
    {
        var time = new ManualTime();
        var window = new LatencyWindow(time);
        window.Record(5);
        time.Advance(TimeSpan.FromSeconds(40));
        window.Record(50);
        Assert.Equal(2, window.Summarize().Count);

        time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(1, window.Summarize().Count);
        Assert.InRange(window.Summarize().P50, 48, 52);

        time.Advance(TimeSpan.FromDays(40));
        Assert.Equal(new LatencySummary(0, 0, 0, 0), window.Summarize());
    }

    [Fact]
    public void Record_OnABound_CountsInTheBucketBelow()
    {
        var histogram = new Histogram([1, 2]);
        foreach (var seconds in new[] { 0.5, 1, 1.5, 2, 9 })
        {
            histogram.Record(seconds);
        }

        var snapshot = histogram.Snapshot();

        Assert.Equal([2, 2, 1], snapshot.Counts);
        Assert.Equal((5, 14), (snapshot.Count, snapshot.Sum));
    }

    [Fact]
    public void PublishIfDue_AfterARun_TellsWhatHappened()
    {
        var engine = new EngineHarness(new FakeRuntime { Script = _ => 'a' });
        for (var i = 0; i < 4; i++)
        {
            engine.Ask("question", maxTokens: 5, image: FakeEmbedder.Image("A", rows: 18));
        }
        engine.Run();
        Assert.True(engine.Recorder.PublishIfDue(0, 0, 0, 0, engine.Loop.Cache.Cells) > TimeSpan.Zero);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        engine.Recorder.PublishIfDue(0, 0, 0, 0, engine.Loop.Cache.Cells);

        var snapshot = engine.Recorder.Snapshot;

        Assert.Equal((4, 20, 27 + 3), (snapshot.MaxRows, snapshot.IntervalGenerated, snapshot.IntervalPrefilled));
        Assert.Equal(snapshot.Steps, snapshot.IntervalSteps);
        Assert.Equal((4L, 3L), (snapshot.Counters.PrefixQueries, snapshot.Counters.PrefixHits));
        Assert.Equal((108L, 78L), (snapshot.Counters.PromptTokens, snapshot.Counters.PromptTokensCached));
        Assert.Equal((1L, 4L), (snapshot.Counters.ImageEncodes, snapshot.Counters.RequestsFinished));
        Assert.Equal((4, 16), (snapshot.TimeToFirstToken.Count, snapshot.InterToken.Count));
        Assert.Equal((4L, 16L, 4L), (
            engine.Recorder.Metrics.TimeToFirstToken.Count, engine.Recorder.Metrics.InterToken.Count, engine.Recorder.Metrics.EndToEnd.Count));
        Assert.Equal((0L, 18 * 2 * 4L), (snapshot.Memory.Compute, snapshot.Memory.ImageCache));
        Assert.Equal((1L, 2L, 3L, 4L), (snapshot.Memory.Weights, snapshot.Memory.Kv, snapshot.Memory.DeviceFree, snapshot.Memory.DeviceTotal));
    }

    [Fact]
    public void PublishIfDue_PrefixesInHostMemory_AreNamedApart()
    {
        var engine = new EngineHarness();
        engine.Time.Advance(TimeSpan.FromSeconds(2));

        engine.Recorder.PublishIfDue(0, 0, 0, 0, engine.Loop.Cache.Cells, stored: 7);

        Assert.Equal(7, engine.Recorder.Snapshot.Memory.PrefixStore);
    }

    [Fact]
    public async Task Watch_SlowWatcher_MissesTheOldestAndDelaysNobody()
    {
        var feed = new SnapshotFeed();
        var engine = new EngineHarness();
        using var stop = new CancellationTokenSource();
        await using var watcher = feed.WatchAsync(Task.Delay(Timeout.Infinite, stop.Token), stop.Token).GetAsyncEnumerator(stop.Token);
        var first = watcher.MoveNextAsync();

        for (var i = 0; i < 100; i++)
        {
            feed.Publish(engine.Recorder.Snapshot with { Steps = i });
        }

        Assert.True(await first);
        Assert.True(await watcher.MoveNextAsync());
        Assert.InRange(watcher.Current.Steps, 84, 99);
        await stop.CancelAsync();
    }
}
