using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>Experiments' runs are runs like any other, behind those people ask for.</summary>
internal sealed class CellRuns(IRunService runs, IRunCatalog catalog, StrategyCatalogue strategies, IAgentClients clients, IImageStore images) : ICellRuns
{
    public ScoringServices Scoring { get; } = new(new JudgeClient(clients), images) { JudgeOptions = new() { Temperature = 0.2f, MaxOutputTokens = 1024 } };

    public string? Fault(TeamSpec team) => TeamRules.Fault(team) ?? strategies.Fault(team);

    public async Task StartAsync(Guid runId, RunRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await runs.StartAsync(request, runId, cancellationToken);
        }
        catch (RunRejectedException e)
        {
            throw new CellRefusedException(e.Message, e);
        }
    }

    public async Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        var events = new List<RunEvent>();
        try
        {
            await foreach (var e in runs.ReadAsync(runId, 0, cancellationToken))
            {
                events.Add(e);
            }
        }
        catch (KeyNotFoundException)
        {
            // None, then.
        }

        return events;
    }

    public void Stop(Guid runId) => runs.Stop(runId);

    public async Task DiscardAsync(Guid runId, CancellationToken cancellationToken)
    {
        await catalog.DeleteAsync(runId, cancellationToken);
        runs.Forget(runId);
    }
}
