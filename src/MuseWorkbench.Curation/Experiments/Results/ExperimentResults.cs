using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>One team's part in an experiment.</summary>
/// <param name="Team">Index in the experiment.</param>
/// <param name="Summary">Its accuracy, with Wilson's interval by image, and its errors.</param>
/// <param name="Passed">Attempts that passed.</param>
/// <param name="Open">Attempts without a result yet.</param>
/// <param name="Unreadable">Attempts with an answer that was not in a form that can be read.</param>
/// <param name="Tokens">Generated tokens, mean over attempts with a score; null where there is none.</param>
/// <param name="WallClockMs">Wall-clock of their runs, mean in milliseconds.</param>
/// <param name="CriticalPathTokens">Tokens on the longest chain of dependent calls, mean.</param>
public sealed record TeamResult(
    int Team, string Name, string Hash, TeamSummary Summary, int Passed, int Open, int Unreadable, double? Tokens, double? WallClockMs, double? CriticalPathTokens)
{
    /// <summary>Mean score of assertions by the name under which they are summed up, sorted.</summary>
    public ImmutableArray<MetricResult> Metrics { get; init; } = [];
}

/// <summary>A metric's mean score, and over how many attempts.</summary>
public sealed record MetricResult(string Name, double Mean, int Attempts);

/// <summary>A case on which a team came to another outcome than the baseline.</summary>
/// <param name="Case">Index of the case.</param>
/// <param name="Team">Index of the team.</param>
/// <param name="ToPassed">Whether the team passes where the baseline does not; else the other way round.</param>
public sealed record Flip(int Case, string CaseId, int Team, bool ToPassed);

/// <summary>What an experiment's cells come to so far. Computed from them alone, the same every time.</summary>
public sealed record ExperimentResults
{
    public required Experiment Experiment { get; init; }
    public required ImmutableArray<TeamResult> Teams { get; init; }

    /// <summary>The team, by index, the others are compared with.</summary>
    public required int Baseline { get; init; }

    /// <summary>Each other team, as B, with the baseline, as A; Holm's correction over them.</summary>
    public required ImmutableArray<TeamComparison> Comparisons { get; init; }

    /// <summary>Against the baseline, by team, then case.</summary>
    public required ImmutableArray<Flip> Flips { get; init; }

    /// <summary>Cells with a score, with an error, and with neither yet.</summary>
    public required int Done { get; init; }
    public required int Errors { get; init; }
    public required int Open { get; init; }

    /// <summary>What was found, in sentences: one for the whole, then one or more for each comparison.</summary>
    public ImmutableArray<string> Verdicts => ExperimentVerdict.Of(this);

    /// <summary>Sums up an experiment.</summary>
    /// <param name="cases">All its cases.</param>
    /// <param name="cells">All its cells.</param>
    /// <param name="baseline">Index of the team to compare with.</param>
    public static ExperimentResults Of(
        Experiment experiment, IReadOnlyList<CaseKey> cases, IReadOnlyCollection<ExperimentCell> cells, int baseline = 0, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentOutOfRangeException.ThrowIfNegative(baseline);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(baseline, experiment.Teams.Length);
        var byTeam = cells.ToLookup(cell => cell.Team);
        var trials = experiment.Teams.Select((team, index) => Trials(team.Spec.Name, cases, byTeam[index])).ToImmutableArray();
        return new ExperimentResults
        {
            Experiment = experiment, Baseline = baseline,
            Teams = [.. experiment.Teams.Select((team, index) => Team(index, team, trials[index], [.. byTeam[index]], options))],
            Comparisons = TeamComparison.Against(trials[baseline], trials.Where((_, index) => index != baseline), options),
            Flips = FindFlips(cases, cells, baseline),
            Done = cells.Count(cell => cell.State == CellState.Done), Errors = cells.Count(cell => cell.State == CellState.Error),
            Open = cells.Count(cell => cell.State is CellState.Pending or CellState.Running),
        };
    }

    /// <summary>A team's cells as attempts; those without a result are not among them. Cases of one image are one cluster.</summary>
    public static TeamTrials Trials(string team, IReadOnlyList<CaseKey> cases, IEnumerable<ExperimentCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(cells);
        return new TeamTrials(team,
        [
            .. cells.Where(cell => cell.State is CellState.Done or CellState.Error)
                .Select(cell => new Trial(cases[cell.Case].CaseId, cell.Result?.Score) { Cluster = cases[cell.Case].Cluster }),
        ]);
    }

    /// <summary>Every two teams compared, Holm's correction over all pairs.</summary>
    public static ImmutableArray<TeamComparison> Pairwise(
        Experiment experiment, IReadOnlyList<CaseKey> cases, IReadOnlyCollection<ExperimentCell> cells, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var byTeam = cells.ToLookup(cell => cell.Team);
        return TeamComparison.Pairwise([.. experiment.Teams.Select((team, index) => Trials(team.Spec.Name, cases, byTeam[index]))], options);
    }

    private static TeamResult Team(int index, ExperimentTeam team, TeamTrials trials, IReadOnlyList<ExperimentCell> cells, ComparisonOptions? options)
    {
        CellResult[] done = [.. cells.Where(cell => cell.State == CellState.Done).Select(cell => cell.Result!)];
        return new TeamResult(
            index, team.Spec.Name, team.Hash, TeamSummary.Of(trials, options),
            done.Count(result => result.Passed), cells.Count(cell => cell.State is CellState.Pending or CellState.Running), done.Count(result => result.Assertions.Any(a => a.Unreadable)),
            Mean(result => result.Tokens), Mean(result => result.WallClockMs), Mean(result => result.CriticalPathTokens))
        {
            Metrics =
            [
                .. done.SelectMany(result => result.Assertions).Where(a => a is { Metric: not null, Score: not null })
                    .GroupBy(a => a.Metric!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => new MetricResult(g.Key, g.Average(a => a.Score!.Value), g.Count())),
            ],
        };

        double? Mean(Func<CellResult, double> of) => done.Length == 0 ? null : done.Average(of);
    }

    // With repeats an outcome is what most attempts came to.
    private static ImmutableArray<Flip> FindFlips(IReadOnlyList<CaseKey> cases, IReadOnlyCollection<ExperimentCell> cells, int baseline)
    {
        var outcomes = cells.Where(cell => cell.State == CellState.Done).GroupBy(cell => (cell.Team, cell.Case))
            .ToDictionary(g => g.Key, g => g.Count(cell => cell.Result!.Passed) * 2 > g.Count());
        return
        [
            .. outcomes.Where(o => o.Key.Team != baseline && outcomes.TryGetValue((baseline, o.Key.Case), out var before) && before != o.Value)
                .OrderBy(o => o.Key.Team).ThenBy(o => o.Key.Case)
                .Select(o => new Flip(o.Key.Case, cases[o.Key.Case].CaseId, o.Key.Team, o.Value)),
        ];
    }
}
