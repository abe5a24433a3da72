namespace MuseWorkbench.Web.Features.Pool;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "Pool member {Name} was left out: {Reason}")]
    public static partial void MemberLeftOut(this ILogger logger, string name, string reason);

    [LoggerMessage(LogLevel.Error, "The members added to the pool could not be read from {File}: {Reason}")]
    public static partial void MembersNotRead(this ILogger logger, string file, string reason);
}
