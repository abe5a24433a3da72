using System.Diagnostics;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Agents.Telemetry;

/// <summary>The span and the measurements of one request to a model's server. Disposed before <see cref="Finished"/>, it was given up.</summary>
internal sealed class CallSpan : IDisposable
{
    private const string GivenUp = "cancelled";

    private readonly Activity? _span;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly TagList _tags;
    private string? _error = GivenUp;
    private bool _answered;
    private UsageDetails? _usage;
    private string? _finish;

    public CallSpan(ChatClientMetadata? server, ChatOptions? options, TimeProvider time)
    {
        var model = options?.ModelId ?? server?.DefaultModelId ?? "";
        _time = time;
        _began = time.GetTimestamp();
        _tags = new TagList
        {
            { AgentTelemetry.OperationName, "chat" }, { "gen_ai.provider.name", server?.ProviderName }, { AgentTelemetry.RequestModel, model },
            { "server.address", server?.ProviderUri?.Host }, { "server.port", server?.ProviderUri?.Port },
        };
        _span = AgentTelemetry.Source.StartActivity($"chat {model}", ActivityKind.Client, parentContext: default, _tags);
        _span?.SetTag("gen_ai.request.stream", true)
            .SetTag("gen_ai.request.temperature", Plain(options?.Temperature))
            .SetTag("gen_ai.request.top_p", Plain(options?.TopP))
            .SetTag("gen_ai.request.max_tokens", options?.MaxOutputTokens)
            .SetTag("gen_ai.request.seed", options?.Seed);
    }

    public void Take(ChatResponseUpdate update)
    {
        _usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? _usage;
        _finish = update.FinishReason?.Value ?? _finish;
        if (!_answered && update.Contents.Any(c => c is TextContent or TextReasoningContent))
        {
            _answered = true;
            AgentTelemetry.FirstChunk.Record(_time.GetElapsedTime(_began).TotalSeconds, _tags);
        }
    }

    public void Finished() => _error = null;

    public void Failed(Exception failure) => _error = failure switch
    {
        OperationCanceledException => GivenUp,
        ChatClientException { Kind: var kind } => kind.ToString().ToLowerInvariant(),
        _ => failure.GetType().FullName,
    };

    public void Dispose()
    {
        var tags = _tags;
        if (_error is not null)
            tags.Add(AgentTelemetry.ErrorType, _error);
        AgentTelemetry.CallDuration.Record(_time.GetElapsedTime(_began).TotalSeconds, tags);
        Count(_usage?.InputTokenCount, "input");
        Count(_usage?.OutputTokenCount, "output");
        if (_span is null)
            return;
        _span.SetTag("gen_ai.response.finish_reasons", _finish is null ? null : new[] { _finish })
            .SetTag(AgentTelemetry.InputTokens, _usage?.InputTokenCount)
            .SetTag(AgentTelemetry.CachedTokens, _usage?.CachedInputTokenCount)
            .SetTag(AgentTelemetry.OutputTokens, _usage?.OutputTokenCount)
            .SetTag(AgentTelemetry.ErrorType, _error);
        // Who stops an agent has no error to look into.
        if (_error is not null and not GivenUp)
            _span.SetStatus(ActivityStatusCode.Error);
        _span.Dispose();
    }

    private void Count(long? tokens, string type)
    {
        if (tokens is not { } count)
            return;
        var tags = _tags;
        tags.Add("gen_ai.token.type", type);
        AgentTelemetry.Tokens.Record((int)count, tags);
    }

    // 0.7, not the 0.699999988079071 that a float of it is.
    private static double? Plain(float? value) => value is { } number ? Math.Round(number, 6) : null;
}
