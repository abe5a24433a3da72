namespace MuseWorkbench.Core;

/// <summary>
/// What an engine did in one interval (about 200 ms; longer when idle) and where it stood at the end of it.
/// Counters run since the engine started, so that a reader who missed some loses resolution, not truth.
/// </summary>
public sealed record EngineSnapshot
{
    public required DateTimeOffset At { get; init; }
    /// <summary>Length of the interval in milliseconds.</summary>
    public required double IntervalMs { get; init; }
    /// <summary>Decode steps since start.</summary>
    public required long Steps { get; init; }
    /// <summary>Decode steps in this interval.</summary>
    public required int IntervalSteps { get; init; }
    /// <summary>Mean and most generating sequences per decode step in this interval.</summary>
    public required double MeanRows { get; init; }
    public required int MaxRows { get; init; }
    /// <summary>Most sequences the engine can decode at once.</summary>
    public required int RowCapacity { get; init; }
    /// <summary>Mean and 95th percentile duration of a step in this interval, milliseconds.</summary>
    public required double StepMeanMs { get; init; }
    public required double StepP95Ms { get; init; }
    /// <summary>Tokens generated, and prompt tokens computed, in this interval.</summary>
    public required int IntervalGenerated { get; init; }
    public required int IntervalPrefilled { get; init; }
    public required int Running { get; init; }
    public required int Waiting { get; init; }
    /// <summary>Those of the waiting that wait for a prompt beginning another sequence is computing; the rest wait for room.</summary>
    public int WaitingForPrefix { get; init; }
    public required KvCells Kv { get; init; }
    public required MemoryUse Memory { get; init; }
    public required LatencySummary TimeToFirstToken { get; init; }
    public required LatencySummary InterToken { get; init; }
    public required EngineCounters Counters { get; init; }
}

/// <summary>KV cache cells by who holds them. Free = Capacity − Pinned − Shared − Private.</summary>
/// <param name="Capacity">Cells of the cache.</param>
/// <param name="Pinned">Held by no running sequence, kept for reuse as a prefix.</param>
/// <param name="Shared">Held by two or more running sequences (counted once), or by one and a pinned prefix.</param>
/// <param name="Private">Held by exactly one running sequence.</param>
public sealed record KvCells(int Capacity, int Pinned, int Shared, int Private);

/// <summary>Memory in bytes. On a CPU, <see cref="DeviceTotal"/> and <see cref="DeviceFree"/> are the machine's.</summary>
/// <param name="Device">The device's name, such as <c>CPU</c> or <c>NVIDIA H200</c>.</param>
/// <param name="Weights">Model weights.</param>
/// <param name="Kv">The KV cache, allocated whole at start.</param>
/// <param name="ImageCache">Cached image embeddings (host memory).</param>
/// <param name="Compute">Scratch: what the device or process holds beyond the parts above.</param>
/// <param name="ProcessResident">Resident set of the engine's process.</param>
/// <param name="DeviceFree">Free on the device.</param>
/// <param name="DeviceTotal">Total on the device.</param>
public sealed record MemoryUse(
    string Device, long Weights, long Kv, long ImageCache, long Compute, long ProcessResident, long DeviceFree, long DeviceTotal)
{
    /// <summary>Finished prompts that had to leave the KV cache (host memory).</summary>
    public long PrefixStore { get; init; }

    /// <summary>Weights, KV cache and compute buffers as estimated before loading; null where that could not be said.</summary>
    public long? Estimated { get; init; }

    /// <summary>The same as the engine says it allocated; null where it doesn't.</summary>
    public long? Allocated { get; init; }
}

/// <summary>Percentiles in milliseconds over the last minute, and how many observations they rest on (0: none, read as no data).</summary>
public sealed record LatencySummary(int Count, double P50, double P95, double P99);

/// <summary>Counts since the engine started.</summary>
public sealed record EngineCounters
{
    public long PromptTokens { get; init; }
    /// <summary>Prompt tokens taken from a shared or pinned prefix, or put back from host memory.</summary>
    public long PromptTokensCached { get; init; }
    /// <summary>Those of them put back from host memory.</summary>
    public long PromptTokensRestored { get; init; }
    public long GeneratedTokens { get; init; }
    public long PrefixQueries { get; init; }
    public long PrefixHits { get; init; }
    /// <summary>Image embeddings computed, and requests for one served from the cache.</summary>
    public long ImageEncodes { get; init; }
    public long ImageCacheHits { get; init; }
    /// <summary>Embeddings dropped for the budget.</summary>
    public long ImageEvictions { get; init; }
    /// <summary>Finished prompts given up for others' cells or sequences, or for the budget.</summary>
    public long PrefixEvictions { get; init; }
    public long Preemptions { get; init; }
    public long RequestsFinished { get; init; }
    public long RequestsCancelled { get; init; }
    public long RequestsFailed { get; init; }
}
