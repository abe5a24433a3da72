using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Pool.Metrics;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>Other servers' metrics pages as our snapshots, worked out by hand.</summary>
public sealed class MetricsReaderTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Vllm_TwoPages_RatesQueueCellsAndLatencies()
    {
        var reader = new MetricsReader(MemberKind.Vllm, 256);
        reader.Read(Vllm(generated: 1000, steps: 100, itl: (100, 2.0), buckets: (0, 0, 0)), s_start);

        var now = reader.Read(Vllm(generated: 1800, steps: 200, itl: (900, 10.0), buckets: (2, 6, 8)), s_start.AddSeconds(2));

        Assert.Equal((2000, 100, 800, 8, 256), (now.IntervalMs, now.IntervalSteps, now.IntervalGenerated, now.MeanRows, now.RowCapacity));
        Assert.Equal((7, 3), (now.Running, now.Waiting));
        // 8 s over 800 intervals.
        Assert.Equal(10, now.StepMeanMs, 1e-9);
        // 1,000 blocks of 16, a quarter in use.
        Assert.Equal((16000, 4000), (now.Kv.Capacity, now.Kv.Private));
        Assert.Equal((80, 60), (now.Counters.PrefixQueries, now.Counters.PrefixHits));
        // Of 8 within the minute 2 took up to 0.1 s, 6 up to 0.5: the fourth lies in the middle of the second bucket.
        Assert.Equal(8, now.TimeToFirstToken.Count);
        Assert.Equal(300, now.TimeToFirstToken.P50, 1e-6);
    }

    [Fact]
    public void Restarted_CountsFromNothing_NoNegativeRates()
    {
        var reader = new MetricsReader(MemberKind.Vllm, 0);
        reader.Read(Vllm(1000, 100, (100, 2.0), (2, 6, 8)), s_start);

        var now = reader.Read(Vllm(10, 1, (1, 0.1), (0, 1, 1)), s_start.AddSeconds(2));

        Assert.Equal((0, 0), (now.IntervalGenerated, now.IntervalSteps));
    }

    [Fact]
    public void LlamaServer_Page_RunningWaitingTokens()
    {
        var now = new MetricsReader(MemberKind.LlamaServer, 8).Read("llamacpp:requests_processing 4\nllamacpp:requests_deferred 2\nllamacpp:tokens_predicted_total 55\n", s_start);

        Assert.Equal((4, 2, 55L, 8), (now.Running, now.Waiting, now.Counters.GeneratedTokens, now.RowCapacity));
    }

    [Fact]
    public void SGLang_Page_TokensOfTheCache()
    {
        var now = new MetricsReader(MemberKind.SGLang, 0).Read("sglang:num_running_reqs{model_name=\"m\"} 4\nsglang:token_usage 0.5\nsglang:max_total_num_tokens 2000\n", s_start);

        Assert.Equal((4, 2000, 1000), (now.Running, now.Kv.Capacity, now.Kv.Private));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a{b=\"c\" 1\n}{\n{}\nx NaN\ny +Inf\nz 1e999\nm_bucket{le=\"abc\"} 3")]
    public void Page_Garbage_IsLeftOut(string text)
    {
        var now = new MetricsReader(MemberKind.Vllm, 0).Read(text, s_start);

        Assert.Equal((0, 0, 0), (now.Running, now.Waiting, now.Kv.Capacity));
    }

    [Fact]
    public void Page_LabelsAndTimes_AreSummedAndSkipped()
    {
        var page = PrometheusPage.Parse("# HELP a x\na{m=\"1\"} 2\na{m=\"2\"} 3 1700000000\nb 4\n");

        Assert.Equal((5, 4, null), (page["a"], page["b"], page["c"]));
        Assert.Equal("2", PrometheusPage.Label(page.Labels("a"), "m"));
    }

    private static string Vllm(int generated, int steps, (int Count, double Sum) itl, (int, int, int) buckets) => FormattableString.Invariant($$"""
        # HELP vllm:num_requests_running Number of requests in model execution batches.
        vllm:num_requests_running{engine="0",model_name="m"} 7.0
        vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
        vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
        vllm:cache_config_info{block_size="16",num_gpu_blocks="1000"} 1.0
        vllm:generation_tokens_total{engine="0",model_name="m"} {{generated}}
        vllm:iteration_tokens_total_count{engine="0",model_name="m"} {{steps}}
        vllm:prefix_cache_queries_total{engine="0",model_name="m"} 80.0
        vllm:prefix_cache_hits_total{engine="0",model_name="m"} 60.0
        vllm:inter_token_latency_seconds_count{engine="0",model_name="m"} {{itl.Count}}
        vllm:inter_token_latency_seconds_sum{engine="0",model_name="m"} {{itl.Sum}}
        vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} {{buckets.Item3}}
        vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 1.0
        vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1",model_name="m"} {{buckets.Item1}}
        vllm:time_to_first_token_seconds_bucket{engine="0",le="0.5",model_name="m"} {{buckets.Item2}}
        vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="m"} {{buckets.Item3}}
        """);
}
