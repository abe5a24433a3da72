using System.Data.Common;

namespace MuseWorkbench.Web.Features.Cases;

/// <summary>Why keeping cases failed, in words for the reader.</summary>
internal static class CaseFault
{
    /// <summary>Null for what is a mistake of this program and must not be explained away.</summary>
    public static string? Explain(Exception e) => e switch
    {
        InvalidOperationException refused when refused.TargetSite?.DeclaringType?.Namespace?.StartsWith("MuseWorkbench", StringComparison.Ordinal) == true => refused.Message,
        DbException or { InnerException: DbException } => $"The database refused to save. Nothing was changed. ({(e.InnerException ?? e).Message.TrimEnd('.')}.)",
        IOException io => $"The disk refused to save. Nothing was changed. ({io.Message.TrimEnd('.')}.)",
        _ => null,
    };
}
