using System.Collections.Immutable;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>An experiment's results as JSON tells them.</summary>
public sealed record ReportShape(ImmutableArray<string> Verdicts, int Done, int Errors, int Open, ImmutableArray<TeamResult> Teams, string Baseline, ImmutableArray<ComparisonShape> Comparisons, ImmutableArray<Flip> Flips)
{
    public static ReportShape Of(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new(
            results.Verdicts, results.Done, results.Errors, results.Open, results.Teams, results.Teams[results.Baseline].Name,
            [.. results.Comparisons.Select(ComparisonShape.Of)], results.Flips);
    }
}

/// <summary>A team compared with the baseline; numbers that are undefined are left out.</summary>
/// <param name="Difference">The team's mean score less the baseline's.</param>
/// <param name="P">After Holm's correction.</param>
public sealed record ComparisonShape(string Team, Decision Decision, string Verdict, double? Difference, double? Lower, double? Upper, double P, double? CohenH, int Cases, int Clusters, int LeftOut, int? MoreCasesNeeded)
{
    public static ComparisonShape Of(TeamComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return new(
            comparison.B.Team, comparison.Decision, VerdictText.Of(comparison), Finite(comparison.Difference?.Value), Finite(comparison.Difference?.Lower), Finite(comparison.Difference?.Upper),
            comparison.AdjustedP, Finite(comparison.CohenH), comparison.Cases, comparison.Clusters, comparison.LeftOut, comparison.MoreCasesNeeded);
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
