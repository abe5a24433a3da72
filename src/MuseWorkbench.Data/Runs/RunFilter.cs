using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Runs;

/// <summary>A query's conditions and order, in terms every database translates.</summary>
internal static class RunFilter
{
    public static IQueryable<StoredRun> Apply(IQueryable<StoredRun> runs, RunQuery query)
    {
        foreach (var word in RunProjection.Fold(query.Search).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            runs = runs.Where(r => r.SearchText.Contains(word));
        runs = query switch
        {
            { Experiment: { } id } => runs.Where(r => r.ExperimentId == id),
            { Experiments: ExperimentRuns.LeaveOut } => runs.Where(r => r.ExperimentId == null),
            { Experiments: ExperimentRuns.Only } => runs.Where(r => r.ExperimentId != null),
            _ => runs,
        };
        if (query.State is { } state)
        {
            RunOutcome? outcome = state == RunState.Running ? null : Enum.Parse<RunOutcome>(state.ToString());
            runs = runs.Where(r => r.Outcome == outcome);
        }
        if (query.Team is { Length: > 0 } team)
            runs = runs.Where(r => r.TeamName == team);
        if (query.Model is { Length: > 0 } model)
        {
            var entry = $"\n{model}\n";
            runs = runs.Where(r => r.Models.Contains(entry));
        }
        if (query.Tag is { Length: > 0 } tag)
            runs = runs.Where(r => r.Tags.Any(t => t.Tag == tag));
        if (query.Rating is { } least)
            runs = runs.Where(r => r.Rating >= least);
        if (query.From is { } from)
            runs = runs.Where(r => r.StartedAt >= from);
        if (query.Before is { } before)
            runs = runs.Where(r => r.StartedAt < before);
        return runs;
    }

    // Newest first among equals; the id makes pages disjoint.
    public static IQueryable<StoredRun> Order(IQueryable<StoredRun> runs, RunSort sort) => (sort switch
    {
        RunSort.Newest => runs.OrderByDescending(r => r.StartedAt),
        RunSort.Oldest => runs.OrderBy(r => r.StartedAt),
        RunSort.BestRated => runs.OrderByDescending(r => r.Rating ?? 0).ThenByDescending(r => r.StartedAt),
        RunSort.Longest => runs.OrderByDescending(r => r.WallClockMs).ThenByDescending(r => r.StartedAt),
        RunSort.MostTokens => runs.OrderByDescending(r => r.TotalTokens).ThenByDescending(r => r.StartedAt),
        _ => runs.OrderBy(r => r.Agreement ?? 2).ThenByDescending(r => r.StartedAt),
    }).ThenBy(r => r.Id);
}
