using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>The latest runs: those that are kept, and those in memory that could not be.</summary>
internal sealed class RunListing(IRunService runs, IRunCatalog catalog, IRunStore store)
{
    /// <summary>Most runs one list holds.</summary>
    public const int Most = 200;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RunSummary>> ListAsync(int most, CancellationToken cancellationToken)
    {
        var kept = (await catalog.FindAsync(new RunQuery { Take = most }, cancellationToken)).Runs.Select(Summary).ToList();
        if (store.Status.Saves)
        {
            return kept;
        }

        var known = kept.Select(run => run.RunId).ToHashSet();
        return [.. kept.Concat(runs.List().Where(run => !known.Contains(run.RunId))).OrderByDescending(run => run.StartedAt).Take(most)];
    }

    private static RunSummary Summary(RunRecord run) =>
        new(run.RunId, run.StartedAt, run.Prompt, run.TeamName, run.Agents, run.Outcome, run.Answer);
}
