using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>Runs for outside clients, <c>/hubs/runs</c>; message shapes in docs/hub.md. Errors are sentences.</summary>
internal sealed class RunsHub(IRunService runs, RunIntake intake) : Hub
{
    /// <summary>Starts a run and returns its id.</summary>
    public async Task<Guid> Start(JsonElement request)
    {
        try
        {
            return await intake.StartAsync(request, Context.ConnectionAborted);
        }
        catch (RunRejectedException e)
        {
            throw new HubException(e.Message);
        }
    }

    /// <summary>Streams the run's events after <paramref name="afterSeq"/>, ends after the run's last.</summary>
    public async IAsyncEnumerable<JsonElement> Subscribe(Guid runId, long afterSeq, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in Read(runId, afterSeq, cancellationToken))
        {
            // Written by its declared type, which carries the "type" tag; the hub would use the event's own.
            yield return JsonSerializer.SerializeToElement(item, MuseJson.Options);
        }
    }

    /// <summary>Stops a run; false where it is unknown or over.</summary>
    public bool Stop(Guid runId) => runs.Stop(runId);

    /// <summary>Stops one agent; false where it is unknown or over.</summary>
    public bool StopAgent(Guid runId, int agent) => runs.StopAgent(runId, agent);

    /// <summary>Runs held, newest first.</summary>
    public IReadOnlyList<RunSummary> List() => runs.List();

    private IAsyncEnumerable<RunEvent> Read(Guid runId, long afterSeq, CancellationToken cancellationToken)
    {
        try
        {
            return runs.ReadAsync(runId, afterSeq, cancellationToken);
        }
        catch (KeyNotFoundException)
        {
            throw new HubException("There is no such run.");
        }
    }
}
