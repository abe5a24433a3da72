using System.Diagnostics;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>
/// The engine's figures and the node's own for Prometheus. Names and meanings are vLLM's where it has one, under the prefix
/// <c>muse:</c>; docs/engine-node.md lists them.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(ModelInfo model, EngineMetrics engine, RequestMetrics requests)
    {
        var text = new PrometheusWriter("muse:", ("model_name", model.Id));
        WriteFacts(text, model, engine.Snapshot);
        WriteState(text, engine.Snapshot);
        WriteCounters(text, engine.Snapshot.Counters, engine.Snapshot.Steps);
        WriteDistributions(text, engine);
        WriteRequests(text, requests);
        return text.ToString() + WriteProcess();
    }

    private static void WriteFacts(PrometheusWriter text, ModelInfo model, EngineSnapshot snapshot)
    {
        text.Info(
            "cache_config_info", "The KV cache: a block is one cell, which holds one token.",
            ("block_size", "1"), ("num_gpu_blocks", snapshot.Kv.Capacity.ToString(CultureInfo.InvariantCulture)), ("enable_prefix_caching", "True"));
        text.Info(
            "model_info", "The model and how it is served.",
            ("context_length", model.ContextLength.ToString(CultureInfo.InvariantCulture)), ("vision", model.Vision ? "true" : "false"),
            ("chat_template", model.ChatTemplate ?? "none"), ("device", snapshot.Memory.Device));
    }

    private static void WriteState(PrometheusWriter text, EngineSnapshot snapshot)
    {
        text.Gauge("num_requests_running", "Sequences prefilling or decoding.", snapshot.Running);
        text.Gauge("num_requests_waiting", "Sequences waiting for a place.", snapshot.Waiting);
        text.Gauges(
            "num_requests_waiting_by_reason", "Waiting sequences: for room, or for a prompt beginning that another one is computing.", "reason",
            ("capacity", snapshot.Waiting - snapshot.WaitingForPrefix), ("deferred", snapshot.WaitingForPrefix));
        var kv = snapshot.Kv;
        var used = kv.Pinned + kv.Shared + kv.Private;
        text.Gauge("kv_cache_usage_perc", "Share of KV cells in use, 0 to 1; 1 is full.", kv.Capacity == 0 ? 0 : (double)used / kv.Capacity);
        text.Gauges(
            "kv_cache_cells", "KV cells by who holds them.", "kind",
            ("free", kv.Capacity - used), ("pinned", kv.Pinned), ("shared", kv.Shared), ("private", kv.Private));
        text.Gauge("decode_rows_mean", "Mean generating sequences per step in the latest interval.", snapshot.MeanRows);
        text.Gauge("decode_rows_capacity", "Most sequences decoded in one step.", snapshot.RowCapacity);
        text.Gauge("step_duration_mean_seconds", "Mean step in the latest interval.", snapshot.StepMeanMs / 1000);
        var memory = snapshot.Memory;
        text.Gauges(
            "memory_bytes", "Memory by use.", "kind",
            ("weights", memory.Weights), ("kv", memory.Kv), ("image_cache", memory.ImageCache), ("prefix_store", memory.PrefixStore), ("compute", memory.Compute),
            ("process_resident", memory.ProcessResident), ("device_free", memory.DeviceFree), ("device_total", memory.DeviceTotal));
    }

    private static void WriteCounters(PrometheusWriter text, EngineCounters counters, long steps)
    {
        text.Counter("prompt_tokens_total", "Prompt tokens, cached ones included.", counters.PromptTokens);
        text.Counter("prompt_tokens_cached_total", "Prompt tokens taken from a shared or pinned prefix, or put back from host memory.", counters.PromptTokensCached);
        text.Counters(
            "prompt_tokens_by_source_total", "Prompt tokens: computed, taken from a shared or pinned prefix, or put back from host memory.", "source",
            ("local_compute", counters.PromptTokens - counters.PromptTokensCached),
            ("local_cache_hit", counters.PromptTokensCached - counters.PromptTokensRestored), ("external_kv_transfer", counters.PromptTokensRestored));
        text.Counter("generation_tokens_total", "Tokens generated.", counters.GeneratedTokens);
        text.Counter("prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", counters.PromptTokens);
        text.Counter("prefix_cache_hits_total", "Prompt tokens found there.", counters.PromptTokensCached - counters.PromptTokensRestored);
        text.Counter(
            "external_prefix_cache_queries_total", "Prompt tokens not found there, looked up in host memory.",
            counters.PromptTokens - counters.PromptTokensCached + counters.PromptTokensRestored);
        text.Counter("external_prefix_cache_hits_total", "Prompt tokens put back from host memory.", counters.PromptTokensRestored);
        text.Counter("prefix_lookups_total", "Sequences that looked for a prefix.", counters.PrefixQueries);
        text.Counter("prefix_lookup_hits_total", "Sequences that found one.", counters.PrefixHits);
        text.Counter("mm_cache_queries_total", "Image embeddings asked for.", counters.ImageEncodes + counters.ImageCacheHits);
        text.Counter("mm_cache_hits_total", "Image embeddings served from the cache.", counters.ImageCacheHits);
        text.Counter("prefix_cache_evictions_total", "Finished prompts given up for others' cells or sequences, or for the budget.", counters.PrefixEvictions);
        text.Counter("mm_cache_evictions_total", "Image embeddings dropped for the budget.", counters.ImageEvictions);
        text.Counter("num_preemptions_total", "Sequences preempted for want of KV cells.", counters.Preemptions);
        text.Counter("engine_steps_total", "Decode steps.", steps);
    }

    private static void WriteDistributions(PrometheusWriter text, EngineMetrics engine)
    {
        text.Histogram("time_to_first_token_seconds", "From arrival to the first token.", engine.TimeToFirstToken);
        text.Histogram("inter_token_latency_seconds", "Between two tokens of one sequence.", engine.InterToken);
        text.Histogram("e2e_request_latency_seconds", "From arrival to finish of a sequence.", engine.EndToEnd);
        text.Histogram("request_queue_time_seconds", "From arrival to the first step that carried the sequence.", engine.Queue);
        text.Histogram("request_prefill_time_seconds", "From there to the end of the prompt.", engine.Prefill);
        text.Histogram("request_decode_time_seconds", "From the first token to the last.", engine.Decode);
        text.Histogram("request_inference_time_seconds", "From the first step that carried the sequence to its last token.", engine.Inference);
        text.Histogram("iteration_tokens_total", "Tokens computed in one step, of prompts and answers together.", engine.StepTokens);
        text.Histogram("request_prefill_kv_computed_tokens", "Prompt tokens computed by sequence, cached ones left out.", engine.PromptComputed);
        text.Histogram("request_num_preemptions", "Times a sequence was preempted.", engine.Preemptions);
    }

    private static void WriteRequests(PrometheusWriter text, RequestMetrics requests)
    {
        text.Counters("request_success_total", "Sequences by how they ended.", "finished_reason", requests.Ended);
        text.Counters("chat_requests_total", "Requests accepted, by what their output is held to.", "output", requests.Accepted);
        text.Counters("chat_request_errors_total", "Requests that ended with an error, by its code.", "code", requests.Errors);
        text.Histogram("request_time_per_output_token_seconds", "Mean time per token after the first, by sequence.", requests.TimePerOutputToken.Snapshot());
        text.Histogram("request_prompt_tokens", "Prompt tokens by sequence.", requests.PromptTokens.Snapshot());
        text.Histogram("request_generation_tokens", "Tokens generated by sequence.", requests.GenerationTokens.Snapshot());
        text.Histogram("request_max_num_generation_tokens", "Tokens of the longest sequence of a request.", requests.LongestGeneration.Snapshot());
        text.Histogram("request_params_n", "The parameter n of accepted requests.", requests.Counts.Snapshot());
        text.Histogram("request_params_max_tokens", "The parameter max_tokens of accepted requests that set it.", requests.MaxTokens.Snapshot());
    }

    /// <summary>What Prometheus' own client libraries tell of every process.</summary>
    private static string WriteProcess()
    {
        using var process = Process.GetCurrentProcess();
        var text = new PrometheusWriter("process_");
        text.Counter("cpu_seconds_total", "User and system CPU time in seconds.", process.TotalProcessorTime.TotalSeconds);
        text.Gauge("resident_memory_bytes", "Resident memory in bytes.", process.WorkingSet64);
        text.Gauge("start_time_seconds", "Start of the process in seconds since 1970.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        return text.ToString();
    }
}
