using System.Globalization;
using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>
/// The engine's figures and the node's own in Prometheus' text format (0.0.4). Names and meanings are
/// vLLM's where it has one, under the prefix <c>muse:</c>; docs/engine-node.md lists them.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(16 * 1024);
    private readonly string _model;

    private PrometheusText(string model) => _model = $"model_name=\"{Escape(model)}\"";

    public static string Write(ModelInfo model, EngineMetrics engine, RequestMetrics requests)
    {
        var text = new PrometheusText(model.Id);
        text.WriteState(engine.Snapshot);
        text.WriteMemory(engine.Snapshot);
        text.WriteCounters(engine.Snapshot.Counters, engine.Snapshot.Steps);
        text.WriteLatencies(engine);
        text.WriteRequests(requests);
        return text._text.ToString();
    }

    private void WriteState(EngineSnapshot snapshot)
    {
        Gauge("num_requests_running", "Sequences prefilling or decoding.", snapshot.Running);
        Gauge("num_requests_waiting", "Sequences waiting for a place.", snapshot.Waiting);
        var kv = snapshot.Kv;
        Gauge("kv_cache_usage_perc", "Share of KV cells in use, 0 to 1; 1 is full.", kv.Capacity == 0 ? 0 : (double)(kv.Pinned + kv.Shared + kv.Private) / kv.Capacity);
        Head("kv_cache_cells", "gauge", "KV cells by who holds them.");
        Sample("kv_cache_cells", kv.Capacity - kv.Pinned - kv.Shared - kv.Private, "kind=\"free\"");
        Sample("kv_cache_cells", kv.Pinned, "kind=\"pinned\"");
        Sample("kv_cache_cells", kv.Shared, "kind=\"shared\"");
        Sample("kv_cache_cells", kv.Private, "kind=\"private\"");
        Gauge("decode_rows_mean", "Mean generating sequences per step in the latest interval.", snapshot.MeanRows);
        Gauge("decode_rows_capacity", "Most sequences decoded in one step.", snapshot.RowCapacity);
        Gauge("step_duration_mean_seconds", "Mean step in the latest interval.", snapshot.StepMeanMs / 1000);
    }

    private void WriteMemory(EngineSnapshot snapshot)
    {
        var memory = snapshot.Memory;
        Head("memory_bytes", "gauge", "Memory by use.");
        Sample("memory_bytes", memory.Weights, "kind=\"weights\"");
        Sample("memory_bytes", memory.Kv, "kind=\"kv\"");
        Sample("memory_bytes", memory.ImageCache, "kind=\"image_cache\"");
        Sample("memory_bytes", memory.Compute, "kind=\"compute\"");
        Sample("memory_bytes", memory.ProcessResident, "kind=\"process_resident\"");
        Sample("memory_bytes", memory.DeviceFree, "kind=\"device_free\"");
        Sample("memory_bytes", memory.DeviceTotal, "kind=\"device_total\"");
    }

    private void WriteCounters(EngineCounters counters, long steps)
    {
        Counter("prompt_tokens_total", "Prompt tokens, cached ones included.", counters.PromptTokens);
        Counter("prompt_tokens_cached_total", "Prompt tokens taken from a shared or pinned prefix.", counters.PromptTokensCached);
        Counter("generation_tokens_total", "Tokens generated.", counters.GeneratedTokens);
        Counter("prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", counters.PromptTokens);
        Counter("prefix_cache_hits_total", "Prompt tokens found there.", counters.PromptTokensCached);
        Counter("prefix_lookups_total", "Sequences that looked for a prefix.", counters.PrefixQueries);
        Counter("prefix_lookup_hits_total", "Sequences that found one.", counters.PrefixHits);
        Counter("mm_cache_queries_total", "Image embeddings asked for.", counters.ImageEncodes + counters.ImageCacheHits);
        Counter("mm_cache_hits_total", "Image embeddings served from the cache.", counters.ImageCacheHits);
        Counter("prefix_cache_evictions_total", "Finished prompts given up for others' cells or sequences, or for the budget.", counters.PrefixEvictions);
        Counter("mm_cache_evictions_total", "Image embeddings dropped for the budget.", counters.ImageEvictions);
        Counter("num_preemptions_total", "Sequences preempted for want of KV cells.", counters.Preemptions);
        Counter("engine_steps_total", "Decode steps.", steps);
    }

    private void WriteRequests(RequestMetrics requests)
    {
        Head("request_success_total", "counter", "Sequences by how they ended.");
        foreach (var (reason, count) in requests.Ended)
        {
            Sample("request_success_total", count, $"finished_reason=\"{reason}\"");
        }

        Distribution("request_time_per_output_token_seconds", "Mean time per token after the first, by sequence.", requests.TimePerOutputToken.Snapshot());
        Distribution("request_prompt_tokens", "Prompt tokens by sequence.", requests.PromptTokens.Snapshot());
        Distribution("request_generation_tokens", "Tokens generated by sequence.", requests.GenerationTokens.Snapshot());
    }

    private void WriteLatencies(EngineMetrics engine)
    {
        Distribution("time_to_first_token_seconds", "From arrival to the first token.", engine.TimeToFirstToken);
        Distribution("inter_token_latency_seconds", "Between two tokens of one sequence.", engine.InterToken);
        Distribution("e2e_request_latency_seconds", "From arrival to finish of a sequence.", engine.EndToEnd);
        Distribution("request_queue_time_seconds", "From arrival to the first step that carried the sequence.", engine.Queue);
        Distribution("request_prefill_time_seconds", "From there to the end of the prompt.", engine.Prefill);
        Distribution("request_decode_time_seconds", "From the first token to the last.", engine.Decode);
    }

    private void Gauge(string name, string help, double value) => Single(name, "gauge", help, value);

    private void Counter(string name, string help, long value) => Single(name, "counter", help, value);

    private void Single(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Sample(name, value, null);
    }

    private void Distribution(string name, string help, HistogramSnapshot histogram)
    {
        Head(name, "histogram", help);
        var running = 0L;
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            running += histogram.Counts[i];
            var bound = i < histogram.Bounds.Count ? histogram.Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            Sample($"{name}_bucket", running, $"le=\"{bound}\"");
        }

        Sample($"{name}_sum", histogram.Sum, null);
        Sample($"{name}_count", running, null);
    }

    private void Head(string name, string type, string help) => _text.Append(CultureInfo.InvariantCulture, $"# HELP muse:{name} {help}\n# TYPE muse:{name} {type}\n");

    private void Sample(string name, double value, string? label)
    {
        _text.Append(CultureInfo.InvariantCulture, $"muse:{name}{{{_model}");
        if (label is not null)
        {
            _text.Append(',').Append(label);
        }

        _text.Append(CultureInfo.InvariantCulture, $"}} {value:R}\n");
    }

    private static string Escape(string label) =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
