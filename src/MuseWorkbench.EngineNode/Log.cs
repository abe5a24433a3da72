namespace MuseWorkbench.EngineNode;

/// <summary>Everything the node logs. What users write appears at Trace only.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The parent process is gone; ending.")]
    public static partial void ParentGone(this ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "Serving {Model}: context {ContextLength}, up to {MaxSequences} sequences at once.")]
    public static partial void EngineReady(this ILogger logger, string model, int contextLength, int maxSequences);

    [LoggerMessage(3, LogLevel.Error, "The engine could not be started: {Reason}")]
    public static partial void EngineCannotStart(this ILogger logger, Exception? error, string reason);

    [LoggerMessage(4, LogLevel.Critical, "The engine failed.")]
    public static partial void EngineFailed(this ILogger logger, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "The engine did not let go of its resources in order.")]
    public static partial void EngineDisposeFailed(this ILogger logger, Exception error);

    [LoggerMessage(6, LogLevel.Critical, "The node could not start.")]
    public static partial void NodeCannotStart(this ILogger logger, Exception error);

    [LoggerMessage(7, LogLevel.Information, "Chat template: {Source}. {Reason}")]
    public static partial void ChatTemplateChosen(this ILogger logger, string? source, string? reason);

    [LoggerMessage(10, LogLevel.Error, "{RequestId}: unexpected failure.")]
    public static partial void RequestFailed(this ILogger logger, string requestId, Exception error);

    [LoggerMessage(11, LogLevel.Debug, "{RequestId}: refused with {Status} {Code}.")]
    public static partial void RequestRefused(this ILogger logger, string requestId, int status, string? code);

    [LoggerMessage(12, LogLevel.Debug, "{RequestId}: the client is gone.")]
    public static partial void ClientGone(this ILogger logger, string requestId);

    [LoggerMessage(13, LogLevel.Warning, "{RequestId}: failed after the reply had begun: {Reason}")]
    public static partial void StreamFailed(this ILogger logger, string requestId, string reason);

    [LoggerMessage(20, LogLevel.Debug, "{RequestId}: {CompletionId}, {Count} sequence(s), {Images} image(s), stream {Stream}.")]
    public static partial void ChatStarted(this ILogger logger, string requestId, string completionId, int count, int images, bool stream);

    [LoggerMessage(21, LogLevel.Debug, "{RequestId}: {CompletionId} done, {PromptTokens} prompt and {GeneratedTokens} generated tokens in {Milliseconds:F0} ms.")]
    public static partial void ChatFinished(this ILogger logger, string requestId, string completionId, int promptTokens, int generatedTokens, double milliseconds);

    [LoggerMessage(22, LogLevel.Trace, "{RequestId}: prompt {Prompt}")]
    public static partial void ChatPrompt(this ILogger logger, string requestId, string prompt);
}
