using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MuseWorkbench.Agents.Telemetry;

/// <summary>
/// Where runs are told to OpenTelemetry, in the words of its conventions for generative AI: a span per run, under it one per
/// agent, under that one per request. No prompt and no answer is in them. Costs next to nothing while nobody listens.
/// </summary>
public static class AgentTelemetry
{
    /// <summary>Name of the activity source and the meter.</summary>
    public const string SourceName = "MuseWorkbench.Agents";

    internal const string OperationName = "gen_ai.operation.name";
    internal const string AgentName = "gen_ai.agent.name";
    internal const string InputTokens = "gen_ai.usage.input_tokens";
    internal const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    internal const string OutputTokens = "gen_ai.usage.output_tokens";
    internal const string RequestModel = "gen_ai.request.model";
    internal const string RunId = "muse.run.id";
    internal const string ErrorType = "error.type";

    internal static readonly ActivitySource Source = new(SourceName);

    private static readonly double[] s_seconds =
        [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36, 1310.72];
    private static readonly int[] s_tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
    private static readonly Meter s_meter = new(SourceName);

    internal static readonly Histogram<double> InvokeDuration =
        Seconds("gen_ai.invoke_agent.duration", "From a run's (operation invoke_workflow) or an agent's (invoke_agent) start to its end.");
    internal static readonly Histogram<double> CallDuration =
        Seconds("gen_ai.client.operation.duration", "From a request to the end of its reply.");
    internal static readonly Histogram<double> FirstChunk =
        Seconds("gen_ai.client.operation.time_to_first_chunk", "From a request to the first text of its reply.");
    internal static readonly Histogram<int> Tokens = s_meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of a request's prompt (input) and answer (output).",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = s_tokens });

    private static Histogram<double> Seconds(string name, string description) =>
        s_meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
}
