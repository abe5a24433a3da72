using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Curation.Scoring.Judging;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>What a team of so many agents comes to.</summary>
/// <param name="Team">Index in the experiment.</param>
/// <param name="Agents">Agents that answer.</param>
/// <param name="Accuracy">With Wilson's interval by image.</param>
/// <param name="Tokens">Generated tokens of an attempt, mean.</param>
/// <param name="WallClockMs">Mean; where resampled, that of the slowest agent as measured beside all the others, which is more than it would take with fewer.</param>
/// <param name="Cases">Cases it rests on.</param>
/// <param name="Resampled">From subsets of a larger team's agents; else as it was run.</param>
public sealed record ScalingPoint(int Team, string Name, int Agents, Estimate Accuracy, double Tokens, double WallClockMs, int Cases, bool Resampled);

/// <summary>
/// Accuracy against cost as teams grow. A self-consistency team has a point for 1, 2, 4, 8 and 16 of its agents, by voting
/// again among subsets of the answers it gave; any other has one, as it was run.
/// </summary>
public sealed class ExperimentScaling(IExperimentStore store, ICellRuns runs)
{
    private const string Voting = "self-consistency";

    private static readonly ImmutableArray<int> s_sizes = [1, 2, 4, 8, 16];

    /// <summary>The points of every team with a score, by team, then size; empty where there is no such experiment.</summary>
    /// <param name="progress">Told how many runs have been read.</param>
    public async Task<ImmutableArray<ScalingPoint>> OfAsync(Guid experiment, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        if (await store.FindAsync(experiment, cancellationToken) is not { } found)
            return [];
        var keys = await store.ReadCasesAsync(experiment, cancellationToken);
        var samples = found.Teams.Select(team => new TeamSamples(team.Spec)).ToArray();
        var read = 0;
        await foreach (var cell in store.ReadCellsAsync(experiment, cancellationToken))
        {
            if (cell is not { State: CellState.Done, Result.Score: { } score, RunId: { } run })
                continue;
            var sample = samples[cell.Team];
            sample.Add(sample.Size, keys[cell.Case], (score, cell.Result.Tokens, cell.Result.WallClockMs));
            if (sample.Smaller.IsEmpty)
                continue;
            await ResampleAsync(found, cell, run, keys[cell.Case], sample, cancellationToken);
            progress?.Report(++read);
        }
        return [.. samples.SelectMany((sample, index) => sample.Points(index))];
    }

    private async Task ResampleAsync(Experiment experiment, ExperimentCell cell, Guid run, CaseKey key, TeamSamples sample, CancellationToken cancellationToken)
    {
        if (await store.GetCaseAsync(experiment.Id, cell.Case, cancellationToken) is not { } @case
            || VoteResampling.Of(await runs.ReadAsync(run, cancellationToken)) is not { } votes)
        {
            return;
        }
        var assertions = CaseAssertions.Of(@case, experiment.DefaultAssertions);
        // A model that grades would be asked for every subset: that is generating again.
        if (assertions.Any(assertion => assertion.Scorer is RubricScorer))
            return;
        foreach (var size in sample.Smaller.Where(size => size < votes.Agents))
        {
            if (await votes.ScoreAsync(size, assertions, runs.Scoring, (ulong)cell.Key, cancellationToken) is { } mean)
                sample.Add(size, key, mean);
        }
    }

    private sealed class TeamSamples(TeamSpec team)
    {
        private readonly SortedDictionary<int, List<(CaseKey Case, (double Score, double Tokens, double Ms) Mean)>> _bySize = [];

        public int Size => team.Agents.Length;

        /// <summary>Sizes below its own that can be had from its answers.</summary>
        public ImmutableArray<int> Smaller { get; } = team.Strategy == Voting ? [.. s_sizes.Where(size => size < team.Agents.Length)] : [];

        public void Add(int size, CaseKey @case, (double, double, double) mean)
        {
            if (!_bySize.TryGetValue(size, out var list))
                _bySize[size] = list = [];
            list.Add((@case, mean));
        }

        public IEnumerable<ScalingPoint> Points(int index) => _bySize.Select(size =>
        {
            var cases = size.Value.GroupBy(s => s.Case.Index).Select(g => (g.First().Case.Cluster, g.Average(s => s.Mean.Score))).ToList();
            return new ScalingPoint(
                index, team.Name, size.Key, ClusteredSample.Of(cases).WilsonInterval(), size.Value.Average(s => s.Mean.Tokens), size.Value.Average(s => s.Mean.Ms),
                cases.Count, size.Key < Size);
        });
    }
}
