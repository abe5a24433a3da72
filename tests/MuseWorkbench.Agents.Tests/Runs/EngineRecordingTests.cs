using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

public class EngineRecordingTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedEngine _engine = new();

    [Fact]
    public async Task Record_AnHour_SamplesAreBoundedAndNothingIsLost()
    {
        var log = new RunLog(Guid.NewGuid(), _time, new NoRunStore());
        await using (new EngineRecording(log, _engine, _time))
        {
            for (var i = 0; i < 5 * 3600; i++)
            {
                await _engine.TellAsync(Snapshot(steps: 4, rows: 8, generated: 32));
                _time.Advance(TimeSpan.FromMilliseconds(200));
            }
        }

        var samples = log.Events.OfType<EngineSampled>().ToArray();
        Assert.InRange(samples.Length, 800, 1300);
        Assert.InRange(samples.Sum(s => s.Generated), 0.99 * 32 * 5 * 3600, 32 * 5 * 3600);
        Assert.All(samples, s => Assert.Equal((8.0, 64), (s.MeanRows, s.RowCapacity)));
        Assert.Equal(200, samples[0].IntervalMs);
    }

    [Fact]
    public void Merge_Two_RowsAreByStepsAndCountsAdd()
    {
        var first = EngineRecording.Merge(null, Snapshot(steps: 1, rows: 8, generated: 8), 0);
        var both = EngineRecording.Merge(first, Snapshot(steps: 3, rows: 4, generated: 12) with { MaxRows = 5, Kv = new KvCells(100, 1, 2, 3) }, 1);

        Assert.Equal((5.0, 8, 20, 400.0, new KvCells(100, 1, 2, 3)), (both.MeanRows, both.MaxRows, both.Generated, both.IntervalMs, both.Kv));
    }

    [Fact]
    public async Task Dispose_WatchGoesOn_NothingIsWrittenAfterwards()
    {
        var log = new RunLog(Guid.NewGuid(), _time, new NoRunStore());
        var recording = new EngineRecording(log, _engine, _time);
        await _engine.TellAsync(Snapshot(1, 1, 1));
        await recording.DisposeAsync();
        var written = log.Events.Count;

        _time.Advance(TimeSpan.FromSeconds(1));
        _engine.Tell(Snapshot(1, 1, 1));

        Assert.Equal((1, 1), (written, log.Events.Count));
    }

    private static EngineSnapshot Snapshot(int steps, double rows, int generated) => new()
    {
        At = DateTimeOffset.UnixEpoch, IntervalMs = 200, Steps = 0, IntervalSteps = steps, MeanRows = rows, MaxRows = (int)rows, RowCapacity = 64,
        StepMeanMs = 1, StepP95Ms = 1, IntervalGenerated = generated, IntervalPrefilled = 0, Running = 8, Waiting = 0,
        Kv = new KvCells(1000, 1, 2, 3), Memory = new MemoryUse("CPU", 0, 0, 0, 0, 0, 0, 0),
        TimeToFirstToken = new LatencySummary(0, 0, 0, 0), InterToken = new LatencySummary(0, 0, 0, 0), Counters = new EngineCounters(),
    };

    /// <summary>Tells what a test says; <see cref="TellAsync"/> ends when the recording asks for the next.</summary>
    private sealed class ScriptedEngine : IEngineWatch
    {
        private readonly Channel<(EngineSnapshot Snapshot, TaskCompletionSource Taken)> _told = Channel.CreateUnbounded<(EngineSnapshot, TaskCompletionSource)>();

        public Task TellAsync(EngineSnapshot snapshot)
        {
            var taken = new TaskCompletionSource();
            _told.Writer.TryWrite((snapshot, taken));
            return taken.Task;
        }

        public void Tell(EngineSnapshot snapshot) => _ = TellAsync(snapshot);

        public async IAsyncEnumerable<EngineSnapshot> WatchAsync(Guid run, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var (snapshot, taken) in _told.Reader.ReadAllAsync(cancellationToken))
            {
                yield return snapshot;
                taken.SetResult();
            }
        }
    }
}
