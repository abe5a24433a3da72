using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>Experiments in the words of the pages.</summary>
internal static class ExperimentText
{
    public static (string Text, string Class) Of(ExperimentState state) => state switch
    {
        ExperimentState.Running => ("running", "live"),
        ExperimentState.Paused => ("paused", "warn"),
        ExperimentState.Cancelled => ("cancelled", ""),
        _ => ("done", "ok"),
    };

    public static string Shape(Experiment experiment) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Many(experiment.Teams.Length, "team")} × {Many(experiment.Cases, "case")}{(experiment.Repeats > 1 ? $" × {experiment.Repeats} repeats" : "")}");

    public static string Many(int count, string what) => $"{Fmt.Count(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>A share of 0 to 1 as a score: 84.3 %.</summary>
    public static string Score(double share) => Math.Round(share * 100, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>How long it will still take, roughly.</summary>
    public static string Remaining(TimeSpan left) => left.TotalSeconds < 60 ? "less than a minute left"
        : left.TotalMinutes < 90 ? $"about {Many((int)Math.Ceiling(left.TotalMinutes), "minute")} left"
        : $"about {Many((int)Math.Round(left.TotalHours), "hour")} left";
}
