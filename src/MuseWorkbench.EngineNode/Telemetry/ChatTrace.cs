using System.Diagnostics;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.EngineNode.Chat;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>One chat request's span and measurements. Disposed without <see cref="Finished"/> or <see cref="Failed"/>, its client has left.</summary>
/// <param name="span">Null where nobody listens or the client's trace is not sampled.</param>
internal sealed class ChatTrace(ChatTelemetry telemetry, Activity? span, string model, TimeProvider time) : IDisposable
{
    private const string ClientGone = "client_disconnected";

    private readonly long _began = time.GetTimestamp();
    private string? _error = ClientGone;
    private bool _disposed;

    /// <summary>The request is well-formed; what it asks for is known, its texts stay out.</summary>
    public void Accepted(ChatJob job)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        var (request, sampling) = (job.Request, job.Sequences[0].Sampling);
        span.SetTag("gen_ai.response.id", job.Id)
            .SetTag("gen_ai.request.stream", request.Stream)
            .SetTag("gen_ai.request.seed", (long)request.Seed)
            .SetTag("gen_ai.request.temperature", Plain(sampling.Temperature))
            .SetTag("gen_ai.request.top_p", Plain(sampling.TopP))
            .SetTag("gen_ai.request.top_k", sampling.TopK > 0 ? sampling.TopK : null)
            .SetTag("gen_ai.request.max_tokens", request.MaxTokens)
            .SetTag("gen_ai.request.choice.count", request.Count > 1 ? request.Count : null)
            .SetTag("gen_ai.request.frequency_penalty", Unless(sampling.FrequencyPenalty, 0))
            .SetTag("gen_ai.request.presence_penalty", Unless(sampling.PresencePenalty, 0))
            .SetTag("gen_ai.agent.name", request.Agent)
            .SetTag("muse.run.id", request.RunId)
            .SetTag("muse.priority", request.Priority == 0 ? null : request.Priority)
            .SetTag("muse.output", request.Tools is not null ? "tools" : request.Grammar is not null ? "grammar" : "free")
            .SetTag("muse.images", job.Sequences[0].Prompt.Count(part => part is ImagePart));

        static object? Unless(float value, float usual) => value == usual ? null : Plain(value);

        // 0.7, not the 0.699999988079071 that a float of it is.
        static double Plain(float value) => Math.Round(value, 6);
    }

    /// <summary>The whole reply was sent.</summary>
    public void Finished(IReadOnlyList<GenerationFinished> sequences, IReadOnlyList<string> reasons)
    {
        _error = null;
        var usage = ChatMath.Usage(sequences);
        foreach (var sequence in sequences)
        {
            Measure(sequence);
        }

        telemetry.Tokens.Record(usage.PromptTokens, [.. Tags(), new(GenAi.TokenType, "input")]);
        telemetry.Tokens.Record(usage.CompletionTokens, [.. Tags(), new(GenAi.TokenType, "output")]);
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        span.SetTag("gen_ai.response.finish_reasons", reasons.ToArray())
            .SetTag("gen_ai.usage.input_tokens", usage.PromptTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", usage.PromptTokensDetails.CachedTokens)
            .SetTag("gen_ai.usage.output_tokens", usage.CompletionTokens);
        for (var index = 0; index < sequences.Count; index++)
        {
            AddPhases(sequences[index], sequences.Count > 1 ? index : null);
        }
    }

    /// <summary>It ended with an error.</summary>
    public void Failed(string code, string message)
    {
        _error = code;
        span?.SetStatus(ActivityStatusCode.Error, message);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        telemetry.Duration.Record(time.GetElapsedTime(_began).TotalSeconds, _error is null ? Tags() : [.. Tags(), new(GenAi.ErrorType, _error)]);
        if (span is null)
        {
            return;
        }

        foreach (var (name, value) in Tags())
        {
            span.SetTag(name, value);
        }

        span.SetTag(GenAi.ErrorType, _error);
        span.Dispose();
    }

    private void Measure(GenerationFinished sequence)
    {
        var (usage, timings) = (sequence.Usage, sequence.Timings);
        telemetry.FirstToken.Record(timings.TimeToFirstTokenMs / 1000, Tags());
        telemetry.Queue.Record(timings.QueueMs / 1000, Tags());
        telemetry.Prefill.Record(timings.PrefillMs / 1000, Tags());
        telemetry.Decode.Record(timings.DecodeMs / 1000, Tags());
        if (usage.GeneratedTokens > 1)
        {
            telemetry.PerToken.Record(timings.DecodeMs / 1000 / (usage.GeneratedTokens - 1), Tags());
        }
    }

    /// <summary>What the engine spent on a sequence, as spans of their own: their times are known once it has ended.</summary>
    private void AddPhases(GenerationFinished sequence, int? index)
    {
        var (timings, usage) = (sequence.Timings, sequence.Usage);
        Add("queue", 0, timings.QueueMs);
        Add(
            "prefill", timings.QueueMs, timings.QueueMs + timings.PrefillMs,
            ("muse.prompt_tokens.cached", usage.CachedTokens), ("muse.prompt_tokens.computed", usage.PromptTokens - usage.CachedTokens));
        Add("decode", timings.TimeToFirstTokenMs, timings.TimeToFirstTokenMs + timings.DecodeMs, ("gen_ai.usage.output_tokens", usage.GeneratedTokens));

        void Add(string phase, double from, double to, params (string Name, int Value)[] facts)
        {
            using var activity = telemetry.Source.StartActivity(phase, ActivityKind.Internal, span!.Context, startTime: timings.ArrivedAt.AddMilliseconds(from));
            activity?.SetTag("muse.sequence", index).SetEndTime(timings.ArrivedAt.AddMilliseconds(to).UtcDateTime);
            foreach (var (name, value) in facts)
            {
                activity?.SetTag(name, value);
            }
        }
    }

    private KeyValuePair<string, object?>[] Tags() =>
    [
        new(GenAi.OperationName, ChatTelemetry.Operation), new(GenAi.ProviderName, GenAi.Provider),
        new(GenAi.RequestModel, model), new(GenAi.ResponseModel, model),
    ];
}
