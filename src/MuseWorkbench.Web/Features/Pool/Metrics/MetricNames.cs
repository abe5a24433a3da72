using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Web.Features.Pool.Metrics;

/// <summary>What a kind of server calls what we chart. Each may have several names: servers rename between versions.</summary>
internal sealed record MetricNames
{
    public required string[] Running { get; init; }
    public required string[] Waiting { get; init; }
    public required string[] Generated { get; init; }
    public required string[] Prompt { get; init; }
    public string[] Cached { get; init; } = [];
    public string[] PrefixQueries { get; init; } = [];
    public string[] PrefixHits { get; init; } = [];
    public string[] Preemptions { get; init; } = [];
    public string[] Finished { get; init; } = [];

    /// <summary>Decode steps.</summary>
    public string[] Steps { get; init; } = [];

    /// <summary>Share of the KV cache in use, 0 to 1.</summary>
    public string[] KvShare { get; init; } = [];

    /// <summary>Tokens the KV cache holds.</summary>
    public string[] KvCapacity { get; init; } = [];
    public string[] FirstToken { get; init; } = [];
    public string[] InterToken { get; init; } = [];

    /// <summary>Null where the kind has no metrics.</summary>
    public static MetricNames? Of(MemberKind kind) => kind switch
    {
        MemberKind.Vllm => s_vllm,
        MemberKind.SGLang => s_sglang,
        MemberKind.LlamaServer => s_llama,
        _ => null,
    };

    private static readonly MetricNames s_vllm = new()
    {
        Running = ["vllm:num_requests_running"],
        Waiting = ["vllm:num_requests_waiting"],
        Generated = ["vllm:generation_tokens_total"],
        Prompt = ["vllm:prompt_tokens_total"],
        Cached = ["vllm:prompt_tokens_cached_total"],
        PrefixQueries = ["vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"],
        PrefixHits = ["vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"],
        Preemptions = ["vllm:num_preemptions_total"],
        Finished = ["vllm:request_success_total"],
        Steps = ["vllm:iteration_tokens_total_count"],
        KvShare = ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
        FirstToken = ["vllm:time_to_first_token_seconds"],
        InterToken = ["vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"],
    };

    private static readonly MetricNames s_sglang = new()
    {
        Running = ["sglang:num_running_reqs"],
        Waiting = ["sglang:num_queue_reqs"],
        Generated = ["sglang:generation_tokens_total"],
        Prompt = ["sglang:prompt_tokens_total"],
        Cached = ["sglang:cached_tokens_total"],
        Preemptions = ["sglang:num_retracted_requests_total"],
        Finished = ["sglang:num_requests_total"],
        KvShare = ["sglang:token_usage"],
        KvCapacity = ["sglang:max_total_num_tokens"],
        FirstToken = ["sglang:time_to_first_token_seconds"],
        InterToken = ["sglang:inter_token_latency_seconds"],
    };

    private static readonly MetricNames s_llama = new()
    {
        Running = ["llamacpp:requests_processing"],
        Waiting = ["llamacpp:requests_deferred"],
        Generated = ["llamacpp:tokens_predicted_total"],
        Prompt = ["llamacpp:prompt_tokens_total"],
        Steps = ["llamacpp:n_decode_total"],
        KvShare = ["llamacpp:kv_cache_usage_ratio"],
    };
}
