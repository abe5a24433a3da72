using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>How lists say how a run ended.</summary>
internal static class RunOutcomes
{
    /// <summary>A word, and the class of its chip; null is a run under way.</summary>
    public static (string Text, string? Class) Describe(RunOutcome? outcome) => outcome switch
    {
        null => ("running", "live"),
        RunOutcome.Completed => ("done", "ok"),
        RunOutcome.Stopped => ("stopped", null),
        RunOutcome.Interrupted => ("interrupted", "warn"),
        _ => ("failed", "bad"),
    };
}
