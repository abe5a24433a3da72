using MuseWorkbench.Core;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>How far a grading model agrees with people, on runs both have judged.</summary>
/// <param name="Items">Runs both have judged.</param>
/// <param name="Passing">κ of passed (score of ½ or more) against good (4 or 5 stars); null where it is undefined.</param>
/// <param name="Stars">Quadratically weighted κ of the score on the scale of 1 to 5 against stars; null where it is undefined.</param>
public sealed record JudgeAgreement(int Items, CohenKappa? Passing, CohenKappa? Stars)
{
    private const string Judged = "llm-rubric";

    /// <summary>What a grading model gave an attempt, 0 to 1: the mean of its grades; null where there is none.</summary>
    public static double? GradeOf(ExperimentCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Result?.Assertions.Where(a => a is { Type: Judged, Score: not null }).Average(a => a.Score);
    }

    /// <summary>Agreement over an experiment's cells.</summary>
    /// <param name="stars">1 to 5, by run.</param>
    public static JudgeAgreement Of(IEnumerable<ExperimentCell> cells, IReadOnlyDictionary<Guid, int> stars)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(stars);
        var pairs = cells.Where(cell => cell is { State: CellState.Done, RunId: { } run } && stars.ContainsKey(run))
            .Select(cell => (Grade: GradeOf(cell), Stars: stars[cell.RunId!.Value]))
            .Where(pair => pair.Grade is not null)
            .Select(pair => (Grade: pair.Grade!.Value, pair.Stars)).ToList();
        return new JudgeAgreement(
            pairs.Count,
            CohenKappa.Of(pairs.Select(pair => (pair.Grade >= 0.5, pair.Stars >= 4)), [false, true]),
            CohenKappa.Of(pairs.Select(pair => ((int)Math.Round(pair.Grade * 4, MidpointRounding.AwayFromZero) + 1, pair.Stars)), [1, 2, 3, 4, 5], KappaWeights.Quadratic));
    }
}
