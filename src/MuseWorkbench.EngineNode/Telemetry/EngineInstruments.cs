using System.Diagnostics.Metrics;
using MuseWorkbench.Core;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>The engine's state and totals as OpenTelemetry instruments, read from the latest snapshot when they are collected. Silent until the model is loaded.</summary>
internal sealed class EngineInstruments : IDisposable
{
    private readonly Meter _meter = new(ChatTelemetry.SourceName, Build.Version);
    private readonly EngineSlot _slot;

    public EngineInstruments(EngineSlot slot)
    {
        _slot = slot;
        Gauge("muse.engine.sequences", "{sequence}", "Sequences by state.", "state", s => [("running", s.Running), ("waiting", s.Waiting)]);
        Gauge(
            "muse.engine.kv.cells", "{cell}", "KV cells by who holds them.", "kind",
            s => [("free", s.Kv.Capacity - s.Kv.Pinned - s.Kv.Shared - s.Kv.Private), ("pinned", s.Kv.Pinned), ("shared", s.Kv.Shared), ("private", s.Kv.Private)]);
        Gauge(
            "muse.engine.memory", "By", "Memory by use.", "kind",
            s => [("weights", s.Memory.Weights), ("kv", s.Memory.Kv), ("image_cache", s.Memory.ImageCache), ("prefix_store", s.Memory.PrefixStore), ("compute", s.Memory.Compute), ("device_free", s.Memory.DeviceFree)]);
        Counter("muse.engine.steps", "{step}", "Decode steps.", s => s.Steps);
        Counter("muse.engine.prompt_tokens", "{token}", "Prompt tokens, cached ones included.", s => s.Counters.PromptTokens);
        Counter("muse.engine.prompt_tokens_cached", "{token}", "Prompt tokens taken from a shared or pinned prefix, or put back from host memory.", s => s.Counters.PromptTokensCached);
        Counter("muse.engine.prompt_tokens_restored", "{token}", "Prompt tokens put back from host memory.", s => s.Counters.PromptTokensRestored);
        Counter("muse.engine.generation_tokens", "{token}", "Tokens generated.", s => s.Counters.GeneratedTokens);
        Counter("muse.engine.prefix_lookups", "{lookup}", "Sequences that looked for a prefix.", s => s.Counters.PrefixQueries);
        Counter("muse.engine.prefix_lookup_hits", "{lookup}", "Sequences that found one.", s => s.Counters.PrefixHits);
        Counter("muse.engine.prefix_evictions", "{prefix}", "Finished prompts given up for others' cells or sequences, or for the budget.", s => s.Counters.PrefixEvictions);
        Counter("muse.engine.preemptions", "{preemption}", "Sequences preempted for want of KV cells.", s => s.Counters.Preemptions);
        Counter("muse.engine.images_encoded", "{image}", "Image embeddings computed.", s => s.Counters.ImageEncodes);
        Counter("muse.engine.image_cache_hits", "{image}", "Image embeddings served from the cache.", s => s.Counters.ImageCacheHits);
        Counter("muse.engine.image_cache_evictions", "{image}", "Image embeddings dropped for the budget.", s => s.Counters.ImageEvictions);
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string unit, string description, string label, Func<EngineSnapshot, IEnumerable<(string Kind, long Value)>> read) =>
        _meter.CreateObservableUpDownCounter(
            name, () => Read((snapshot, model) => read(snapshot).Select(part => new Measurement<long>(part.Value, model, new(label, part.Kind)))), unit, description);

    private void Counter(string name, string unit, string description, Func<EngineSnapshot, long> read) =>
        _meter.CreateObservableCounter(name, () => Read((snapshot, model) => [new Measurement<long>(read(snapshot), model)]), unit, description);

    private IEnumerable<Measurement<long>> Read(Func<EngineSnapshot, KeyValuePair<string, object?>, IEnumerable<Measurement<long>>> measure) =>
        _slot.Engine is { } engine ? measure(engine.Snapshot, new(GenAi.ResponseModel, engine.Model.Id)) : [];
}
