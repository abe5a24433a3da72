using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>An experiment's results in words.</summary>
internal static class ExperimentVerdict
{
    public static ImmutableArray<string> Of(ExperimentResults results) =>
        [.. new[] { Whole(results), Missing(results) }.Where(sentence => sentence.Length > 0), .. results.Comparisons.Select(VerdictText.Of)];

    private static string Whole(ExperimentResults results)
    {
        var scored = results.Teams.Where(team => team.Summary.Accuracy is not null).ToList();
        if (scored.Count == 0)
            return "Nothing has been scored yet.";
        var best = scored.MaxBy(team => team.Summary.Accuracy!.Value)!;
        if (results.Teams.Length == 1)
            return $"{Accuracy(best)}.";
        var decided = results.Comparisons.Count(comparison => comparison.Decision != Decision.NotDecided);
        var ties = scored.Count(team => Math.Abs(team.Summary.Accuracy!.Value - best.Summary.Accuracy!.Value) < 1e-12);
        var head = ties == scored.Count && ties > 1 ? $"All teams score {Percent(best.Summary.Accuracy!.Value)} %" : $"Highest: {Accuracy(best)}";
        return results.Comparisons.Length == 1
            ? $"{head}."
            : $"{head}. {(decided == 0 ? "No" : Number(decided))} of {Number(results.Comparisons.Length)} differences from {results.Teams[results.Baseline].Name} {(decided == 1 ? "is" : "are")} decided.";
    }

    private static string Missing(ExperimentResults results) => results.Open == 0
        ? ""
        : $"{Number(results.Open)} of {Number(results.Open + results.Done + results.Errors)} attempts have no result yet{(results.Experiment.State == ExperimentState.Running ? "; what is said here may change" : "")}.";

    private static string Accuracy(TeamResult team)
    {
        var accuracy = team.Summary.Accuracy!;
        return $"{team.Name} scores {Percent(accuracy.Value)} %, {Math.Round(accuracy.Level * 100, 2).ToString(CultureInfo.InvariantCulture)} % CI {Percent(accuracy.Lower)} to {Percent(accuracy.Upper)} ({Number(team.Summary.Scored)} {(team.Summary.Scored == 1 ? "case" : "cases")}{Errors(team)})";
    }

    private static string Errors(TeamResult team) => team.Summary.Errors == 0 ? "" : $", {Number(team.Summary.Errors)} {(team.Summary.Errors == 1 ? "error" : "errors")} left out";

    private static string Percent(double share) => Math.Round(share * 100, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
