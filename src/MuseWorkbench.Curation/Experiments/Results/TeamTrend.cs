using System.Collections.Immutable;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>What a team of one name came to in one experiment.</summary>
/// <param name="Version">Of the dataset.</param>
/// <param name="TeamHash">Which version of the team it was.</param>
/// <param name="Accuracy">Null where nothing was scored.</param>
public sealed record TrendPoint(Guid ExperimentId, DateTimeOffset At, Guid DatasetId, string Dataset, int Version, string TeamHash, Estimate? Accuracy, double? Tokens, double? WallClockMs);

/// <summary>How a team did from one version of it, and of its datasets, to the next.</summary>
public static class TeamTrend
{
    /// <summary>A point for each experiment a team of this name took part in, oldest first.</summary>
    public static ImmutableArray<TrendPoint> Of(string team, IEnumerable<ExperimentResults> experiments)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        return
        [
            .. from results in experiments
               from one in results.Teams
               where one.Name == team
               orderby results.Experiment.CreatedAt
               select new TrendPoint(
                   results.Experiment.Id, results.Experiment.CreatedAt, results.Experiment.DatasetId, results.Experiment.DatasetName, results.Experiment.Version,
                   one.Hash, one.Summary.Accuracy, one.Tokens, one.WallClockMs),
        ];
    }
}
