namespace MuseWorkbench.Web.Features.Pool;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "Pool member {Name} was left out: {Reason}")]
    public static partial void MemberLeftOut(this ILogger logger, string name, string reason);

    [LoggerMessage(LogLevel.Error, "The members added to the pool could not be read from {File}: {Reason}")]
    public static partial void MembersNotRead(this ILogger logger, string file, string reason);

    [LoggerMessage(LogLevel.Information, "{Action} of {Node} ({Group}): {Reason}")]
    public static partial void NodeScales(this ILogger logger, Agents.Pool.Scaling.ScaleAction action, string group, string node, string reason);

    [LoggerMessage(LogLevel.Warning, "{Node} ({Group}) was not started or stopped: {Reason}")]
    public static partial void NodeNotScaled(this ILogger logger, string group, string node, string reason);

    [LoggerMessage(LogLevel.Error, "Scaling {Group} failed")]
    public static partial void ScalingFailed(this ILogger logger, string group, Exception exception);

    [LoggerMessage(LogLevel.Error, "Looking at the pool's groups failed")]
    public static partial void LookingFailed(this ILogger logger, Exception exception);
}
