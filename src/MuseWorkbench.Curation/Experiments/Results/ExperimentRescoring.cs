using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>What scoring again did.</summary>
/// <param name="Version">The dataset version whose assertions were used.</param>
/// <param name="Rescored">Cells with a new result.</param>
/// <param name="NotThere">Cells of cases that version lacks; they keep their results.</param>
/// <param name="OtherQuestion">Cells of cases that ask something else there; they keep their results.</param>
public sealed record RescoreReport(int Version, int Rescored, int NotThere, int OtherQuestion);

/// <summary>Scores an experiment's kept runs by another version's assertions, without generating a token.</summary>
public sealed class ExperimentRescoring(IExperimentStore store, ICaseStore cases, ICellRuns runs, TimeProvider time)
{
    private static readonly string[] s_question = ["prompt", "images", "choices", "table"];

    /// <summary>Scores all cells that are over again; all results are replaced together, or none.</summary>
    /// <param name="version">A published version; null for the latest.</param>
    /// <param name="progress">Told how many cells have been scored.</param>
    /// <returns>Null where there is no such experiment.</returns>
    /// <exception cref="ExperimentRefusedException">There is no such version, or some case can't be scored by it.</exception>
    public async Task<RescoreReport?> RescoreAsync(Guid experiment, int? version = null, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        if (await store.FindAsync(experiment, cancellationToken) is not { } found)
            return null;
        var dataset = await cases.FindAsync(found.DatasetId, cancellationToken) ?? throw new ExperimentRefusedException(ExperimentRefusal.NotFound, "The dataset is not there any more.");
        var number = version ?? dataset.Versions[^1].Number;
        if (dataset.Versions.All(v => v.Number != number))
            throw new ExperimentRefusedException(ExperimentRefusal.NotFound, $"'{dataset.Name}' has no version {number}.");

        var (merged, others) = await MergeAsync(found, number, cancellationToken);
        var (results, notThere, otherQuestion) = (new List<(ExperimentCell, CellResult)>(), 0, 0);
        await foreach (var cell in store.ReadCellsAsync(experiment, cancellationToken))
        {
            if (cell is not { State: CellState.Done or CellState.Error, RunId: { } run })
                continue;
            if (!merged.TryGetValue(cell.Case, out var @case))
            {
                (notThere, otherQuestion) = others.Contains(cell.Case) ? (notThere, otherQuestion + 1) : (notThere + 1, otherQuestion);
                continue;
            }
            // A run that was refused or is gone says nothing new.
            if (await runs.ReadAsync(run, cancellationToken) is { Count: > 0 } events)
                results.Add((cell, await CellScoring.ScoreAsync(events, @case.Case, found.DefaultAssertions, runs.Scoring, cell.Result?.FinishedAt ?? time.GetUtcNow(), cancellationToken)));
            progress?.Report(results.Count);
        }
        return new RescoreReport(number, await store.RescoreAsync(experiment, number, [.. merged.Values], results, cancellationToken), notThere, otherQuestion);
    }

    // The question stays as it was asked; what is expected comes from the version.
    private async Task<(Dictionary<int, ExperimentCase> Merged, HashSet<int> OtherQuestion)> MergeAsync(Experiment experiment, int version, CancellationToken cancellationToken)
    {
        var keys = (await store.ReadCasesAsync(experiment.Id, cancellationToken)).ToDictionary(key => key.CaseId, StringComparer.Ordinal);
        var (merged, others) = (new Dictionary<int, ExperimentCase>(), new HashSet<int>());
        await foreach (var now in cases.ReadAsync(experiment.DatasetId, version, cancellationToken))
        {
            if (!keys.TryGetValue(now.Id, out var key) || await store.GetCaseAsync(experiment.Id, key.Index, cancellationToken) is not { } asked)
                continue;
            if (CaseContent.ChangedFields(asked, now).Intersect(s_question).Any())
            {
                others.Add(key.Index);
                continue;
            }
            var @case = asked with { Expected = now.Expected, Regions = now.Regions, Assertions = now.Assertions };
            try
            {
                _ = CaseAssertions.Of(@case, experiment.DefaultAssertions);
            }
            catch (AssertionFormatException e)
            {
                throw new ExperimentRefusedException(ExperimentRefusal.Unscorable, $"The case '{key.CaseId}' can't be scored by version {version}. {e.Message}");
            }
            merged[key.Index] = new ExperimentCase(key, @case);
        }
        return (merged, others);
    }
}
