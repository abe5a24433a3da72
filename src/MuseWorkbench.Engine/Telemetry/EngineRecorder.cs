using MuseWorkbench.Core;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Telemetry;

/// <summary>
/// Measures what the engine thread does and publishes it as snapshots. The engine thread alone calls it, but for
/// <see cref="Snapshot"/>, <see cref="Metrics"/> and <see cref="Feed"/>.
/// </summary>
internal sealed class EngineRecorder
{
    private static readonly TimeSpan s_busyInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_idleInterval = TimeSpan.FromSeconds(1);

    private readonly ILlamaRuntime _runtime;
    private readonly EmbeddingCache? _embeddings;
    private readonly TimeProvider _time;
    private readonly LatencyWindow _firstToken;
    private readonly LatencyWindow _interToken;
    private readonly Histogram _firstTokenTotal = new(Histogram.FirstTokenBounds);
    private readonly Histogram _interTokenTotal = new(Histogram.PerTokenBounds);
    private readonly Histogram _queue = new(Histogram.FirstTokenBounds);
    private readonly Histogram _prefill = new(Histogram.FirstTokenBounds);
    private readonly Histogram _decode = new(Histogram.RequestBounds);
    private readonly Histogram _inference = new(Histogram.RequestBounds);
    private readonly Histogram _endToEnd = new(Histogram.RequestBounds);
    private readonly Histogram _stepTokens = new(Histogram.StepTokenBounds);
    private readonly Histogram _promptComputed = new(Histogram.RequestTokenBounds);
    private readonly Histogram _preempted = new(Histogram.PreemptionBounds);

    private readonly List<double> _stepMs = [];
    private long _intervalStart;
    private int _rowSum;
    private int _rowMax;
    private int _generated;
    private int _prefilled;
    private long _steps;
    private EngineCounters _counters = new();
    private MemoryUse _memory;
    private long? _memoryAt;
    private long _stored;
    private EngineSnapshot _snapshot;

    public EngineRecorder(ILlamaRuntime runtime, EmbeddingCache? embeddings, TimeProvider time)
    {
        _runtime = runtime;
        _embeddings = embeddings;
        _time = time;
        _firstToken = new LatencyWindow(time);
        _interToken = new LatencyWindow(time);
        _intervalStart = time.GetTimestamp();
        _memory = new MemoryUse(runtime.Info.Device, 0, 0, 0, 0, 0, 0, 0);
        _snapshot = Take(0, 0, 0, 0, new KvCells(runtime.Info.CellCapacity, 0, 0, 0));
    }

    public SnapshotFeed Feed { get; } = new();

    public EngineSnapshot Snapshot => Volatile.Read(ref _snapshot);

    public EngineMetrics Metrics => new()
    {
        Snapshot = Snapshot,
        TimeToFirstToken = _firstTokenTotal.Snapshot(),
        InterToken = _interTokenTotal.Snapshot(),
        Queue = _queue.Snapshot(),
        Prefill = _prefill.Snapshot(),
        Decode = _decode.Snapshot(),
        Inference = _inference.Snapshot(),
        EndToEnd = _endToEnd.Snapshot(),
        StepTokens = _stepTokens.Snapshot(),
        PromptComputed = _promptComputed.Snapshot(),
        Preemptions = _preempted.Snapshot(),
    };

    public long Now() => _time.GetTimestamp();

    public TimeSpan SinceStep(long started) => _time.GetElapsedTime(started);

    public void EndStep(long started, StepPlan plan)
    {
        _stepMs.Add(_time.GetElapsedTime(started).TotalMilliseconds);
        _steps++;
        _stepTokens.Record(plan.Batch.Rows);
        var rows = 0;
        foreach (var scheduled in plan.Rows)
        {
            rows += scheduled.LogitsRow >= 0 ? 1 : 0;
            _prefilled += Math.Clamp(scheduled.Sequence.PromptLength - scheduled.From, 0, scheduled.Count);
        }
        _rowSum += rows;
        _rowMax = Math.Max(_rowMax, rows);
    }

    /// <summary>A sequence was given a place in the cache for the first time.</summary>
    public void Admitted(Sequence sequence)
    {
        var found = sequence.PromptFound ?? 0;
        _counters = _counters with
        {
            PromptTokens = _counters.PromptTokens + sequence.PromptLength,
            PromptTokensCached = _counters.PromptTokensCached + found,
            PromptTokensRestored = _counters.PromptTokensRestored + sequence.PromptRestored,
            PrefixQueries = _counters.PrefixQueries + 1,
            PrefixHits = _counters.PrefixHits + (found > 0 ? 1 : 0),
        };
    }

    public void Token((bool First, double Milliseconds) token)
    {
        _generated++;
        (token.First ? _firstToken : _interToken).Record(token.Milliseconds);
        (token.First ? _firstTokenTotal : _interTokenTotal).Record(token.Milliseconds / 1000);
    }

    public void Finished(Generation generation)
    {
        var (timings, usage) = (generation.Clock.Timings, generation.Usage);
        _queue.Record(timings.QueueMs / 1000);
        _prefill.Record(timings.PrefillMs / 1000);
        _decode.Record(timings.DecodeMs / 1000);
        _inference.Record(timings.InferenceMs / 1000);
        _endToEnd.Record(generation.Clock.Elapsed / 1000);
        _promptComputed.Record(usage.PromptTokens - usage.CachedTokens);
        _preempted.Record(generation.Sequence.Preemptions);
        _counters = _counters with { RequestsFinished = _counters.RequestsFinished + 1 };
    }

    public void Cancelled() => _counters = _counters with { RequestsCancelled = _counters.RequestsCancelled + 1 };

    public void Failed() => _counters = _counters with { RequestsFailed = _counters.RequestsFailed + 1 };

    /// <summary>Publishes a snapshot where the interval has passed. Gives the time left to the next one.</summary>
    public TimeSpan PublishIfDue(int running, int waiting, long preemptions, long evictions, KvCells cells, int following = 0, long stored = 0)
    {
        _stored = stored;
        var busy = _stepMs.Count > 0 || running + waiting > 0;
        var left = (busy ? s_busyInterval : s_idleInterval) - _time.GetElapsedTime(_intervalStart);
        if (left > TimeSpan.Zero)
        {
            return left;
        }
        var snapshot = Take(running, waiting, preemptions, evictions, cells) with { WaitingForPrefix = following };
        Volatile.Write(ref _snapshot, snapshot);
        Feed.Publish(snapshot);
        return running + waiting > 0 ? s_busyInterval : s_idleInterval;
    }

    private EngineSnapshot Take(int running, int waiting, long preemptions, long evictions, KvCells cells)
    {
        var now = _time.GetTimestamp();
        UpdateMemory(now);
        _stepMs.Sort();
        var steps = _stepMs.Count;
        _counters = _counters with
        {
            GeneratedTokens = _counters.GeneratedTokens + _generated,
            Preemptions = preemptions,
            PrefixEvictions = evictions,
            ImageEvictions = _embeddings?.Evictions ?? 0,
            ImageEncodes = _embeddings?.Encodes ?? 0,
            ImageCacheHits = _embeddings?.Hits ?? 0,
        };
        var snapshot = new EngineSnapshot
        {
            At = _time.GetUtcNow(),
            IntervalMs = _time.GetElapsedTime(_intervalStart, now).TotalMilliseconds,
            Steps = _steps,
            IntervalSteps = steps,
            MeanRows = steps == 0 ? 0 : (double)_rowSum / steps,
            MaxRows = _rowMax,
            RowCapacity = _runtime.Info.MaxSequences,
            StepMeanMs = steps == 0 ? 0 : _stepMs.Average(),
            StepP95Ms = steps == 0 ? 0 : _stepMs[(int)Math.Ceiling(steps * 0.95) - 1],
            IntervalGenerated = _generated,
            IntervalPrefilled = _prefilled,
            Running = running,
            Waiting = waiting,
            Kv = cells,
            Memory = _memory,
            TimeToFirstToken = _firstToken.Summarize(),
            InterToken = _interToken.Summarize(),
            Counters = _counters,
        };
        _intervalStart = now;
        _stepMs.Clear();
        (_rowSum, _rowMax, _generated, _prefilled) = (0, 0, 0, 0);
        return snapshot;
    }

    /// <summary>At most once a second: asking a device is not free.</summary>
    private void UpdateMemory(long now)
    {
        if (_memoryAt is { } at && _time.GetElapsedTime(at, now) < s_idleInterval)
        {
            return;
        }
        _memoryAt = now;
        var memory = _runtime.GetMemory();
        var images = _embeddings?.Bytes ?? 0;
        var resident = Environment.WorkingSet;
        // Without memory of the device's own, everything the engine holds is in this process.
        var held = _runtime.Info.DeviceHasMemory ? memory.DeviceTotal - memory.DeviceFree : resident - images - _stored;
        _memory = new MemoryUse(
            _runtime.Info.Device, memory.Weights, memory.Kv, images, Math.Max(0, held - memory.Weights - memory.Kv),
            resident, memory.DeviceFree, memory.DeviceTotal)
        {
            PrefixStore = _stored,
            Estimated = _runtime.Info.Estimated?.Total,
            Allocated = _runtime.Info.Allocated?.Total,
        };
    }
}
