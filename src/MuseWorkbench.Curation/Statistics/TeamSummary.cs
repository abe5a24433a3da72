using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>One team's cases, repeats reduced.</summary>
/// <param name="Team">Its name.</param>
/// <param name="Accuracy">Mean score of the cases that have one, with Wilson's interval by cluster; null where none has.</param>
/// <param name="Scored">Cases with a score.</param>
/// <param name="Unscored">Cases without, because of errors.</param>
/// <param name="Errors">Attempts that ended in an error, of all cases.</param>
/// <param name="Attempts">All attempts.</param>
public sealed record TeamSummary(string Team, Estimate? Accuracy, int Scored, int Unscored, int Errors, int Attempts)
{
    /// <summary>Sums up a team's attempts.</summary>
    public static TeamSummary Of(TeamTrials trials, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trials);
        return Of(trials, ReducedCase.Of(trials, options ?? ComparisonOptions.Default), options ?? ComparisonOptions.Default);
    }

    internal static TeamSummary Of(TeamTrials trials, ImmutableArray<ReducedCase> cases, ComparisonOptions options)
    {
        var sample = ClusteredSample.Of(cases.Where(c => c.Score is not null).Select(c => (c.Cluster, c.Score!.Value)));
        var errors = trials.Trials.Count(trial => trial.Score is null);
        return new TeamSummary(
            trials.Team, sample.Count == 0 ? null : sample.WilsonInterval(options.Level),
            sample.Count, cases.Length - sample.Count, errors, trials.Trials.Length);
    }
}

/// <summary>A case after its repeats became one.</summary>
internal sealed record ReducedCase(string CaseId, string Cluster, double? Score)
{
    public static ImmutableArray<ReducedCase> Of(TeamTrials trials, ComparisonOptions options) =>
    [
        .. trials.Trials.GroupBy(trial => trial.CaseId).Select(repeats => new ReducedCase(
            repeats.Key, repeats.First().Cluster,
            Repeats.Reduce([.. repeats.Where(t => t.Score is not null).Select(t => Checked(t.Score!.Value))], options.Reducer, options.K))),
    ];

    private static double Checked(double score) =>
        score is >= 0 and <= 1 ? score : throw new ArgumentException($"A score lies between 0 and 1, not {score}.");
}
