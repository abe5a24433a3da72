namespace MuseWorkbench.Web.Features.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Information, "Engine node started, process {ProcessId}")]
    public static partial void NodeStarted(this ILogger logger, int processId);

    [LoggerMessage(2, LogLevel.Information, "Engine node ready: {Model}")]
    public static partial void NodeReady(this ILogger logger, string model);

    [LoggerMessage(3, LogLevel.Warning, "{Reason} It is started again in {Seconds} s")]
    public static partial void NodeRestarts(this ILogger logger, string reason, double seconds);

    [LoggerMessage(4, LogLevel.Error, "The engine can't run: {Reason}")]
    public static partial void NodeFailed(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5, Message = "Engine node: {Text}")]
    public static partial void NodeSays(this ILogger logger, LogLevel level, string text);

    [LoggerMessage(6, LogLevel.Debug, "Telemetry interrupted: {Reason}")]
    public static partial void TelemetryInterrupted(this ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Error, "A listener of the node's state failed")]
    public static partial void ListenerFailed(this ILogger logger, Exception exception);
}
