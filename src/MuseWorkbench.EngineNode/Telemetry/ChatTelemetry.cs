using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>
/// Chat requests as OpenTelemetry sees them: a span for each and the <c>gen_ai.server.*</c> metrics. Costs next to nothing while nobody listens.
/// </summary>
internal sealed class ChatTelemetry : IDisposable
{
    /// <summary>Name of the activity source and the meter.</summary>
    public const string SourceName = "MuseWorkbench.EngineNode";

    public const string Operation = "chat";

    // The semantic conventions' bounds, and longer ones: reasoning takes minutes.
    private static readonly double[] s_durations =
        [.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36, 1310.72];
    private static readonly double[] s_firstTokens = [.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] s_perToken = [.001, .0025, .005, .01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5];
    private static readonly int[] s_tokens =
        [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private readonly Meter _meter = new(SourceName, Build.Version);
    private readonly TimeProvider _time;

    public ChatTelemetry(TimeProvider time)
    {
        _time = time;
        Duration = Seconds("gen_ai.server.request.duration", "From the request's arrival to the last byte of its reply.", s_durations);
        FirstToken = Seconds("gen_ai.server.time_to_first_token", "From a sequence's arrival to its first token.", s_firstTokens);
        PerToken = Seconds("gen_ai.server.time_per_output_token", "Mean time per token after the first, by sequence.", s_perToken);
        Queue = Seconds("muse.server.queue.duration", "From a sequence's arrival to the first step that carried it.", s_durations);
        Prefill = Seconds("muse.server.prefill.duration", "From there to the end of its prompt.", s_durations);
        Decode = Seconds("muse.server.decode.duration", "From its first token to its last.", s_durations);
        Tokens = _meter.CreateHistogram(
            "muse.server.token.usage", "{token}", "Tokens a request took in and gave out.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = s_tokens });
    }

    public Histogram<double> Duration { get; }

    public Histogram<double> FirstToken { get; }

    public Histogram<double> PerToken { get; }

    public Histogram<double> Queue { get; }

    public Histogram<double> Prefill { get; }

    public Histogram<double> Decode { get; }

    public Histogram<int> Tokens { get; }

    public ActivitySource Source { get; } = new(SourceName, Build.Version);

    /// <summary>A chat request has arrived; part of the trace its <c>traceparent</c> names, if it does.</summary>
    public ChatTrace Begin(HttpContext context, string model)
    {
        var headers = context.Request.Headers;
        // Not the activity that ASP.NET began for the request: that one is not exported, and would leave a gap in the trace.
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent);
        Activity.Current = null;
        var span = Source.StartActivity($"{Operation} {model}", ActivityKind.Server, parent);
        span?.SetTag("server.address", context.Request.Host.Host).SetTag("server.port", context.Request.Host.Port);
        return new ChatTrace(this, span, model, _time);
    }

    public void Dispose()
    {
        Source.Dispose();
        _meter.Dispose();
    }

    private Histogram<double> Seconds(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
