namespace MuseWorkbench.Web.Features.Workbench;

internal static partial class ImageLog
{
    [LoggerMessage(1, LogLevel.Warning, "Sample {File} can't be shown")]
    public static partial void SampleUnreadable(this ILogger logger, string file, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "The record of image {Sha256} is damaged")]
    public static partial void RecordDamaged(this ILogger logger, string sha256, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Image {Sha256} is damaged on disk")]
    public static partial void ContentDamaged(this ILogger logger, string sha256);

    [LoggerMessage(4, LogLevel.Warning, "An image was checked by its header only: {Reason}")]
    public static partial void InspectionSkipped(this ILogger logger, string reason);
}
