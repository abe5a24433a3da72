using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs;

/// <summary>Runs for outside clients, <c>/hubs/runs</c>; message shapes in docs/hub.md. Errors are sentences.</summary>
internal sealed class RunsHub(IRunService runs, RunIntake intake, RunListing listing) : Hub
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
        if (!await runs.ExistsAsync(runId, cancellationToken))
        {
            throw new HubException("There is no such run.");
        }

        await foreach (var item in runs.ReadAsync(runId, afterSeq, cancellationToken))
        {
            // Written by its declared type, which carries the "type" tag; the hub would use the event's own.
            yield return JsonSerializer.SerializeToElement(item, MuseJson.Options);
        }
    }

    /// <summary>Stops a run; false where it is unknown or over.</summary>
    public bool Stop(Guid runId) => runs.Stop(runId);

    /// <summary>Stops one agent; false where it is unknown or over.</summary>
    public bool StopAgent(Guid runId, int agent) => runs.StopAgent(runId, agent);

    /// <summary>Ends the thinking of one agent, or of all; false where none was thinking.</summary>
    public bool AnswerNow(Guid runId, int? agent) => runs.AnswerNow(runId, agent);

    /// <summary>Asks one agent of a run once more, as a run of its own, and returns its id.</summary>
    public async Task<Guid> RerunAgent(Guid runId, int agent)
    {
        try
        {
            return await runs.RerunAgentAsync(runId, agent, Context.ConnectionAborted);
        }
        catch (RunRejectedException e)
        {
            throw new HubException(e.Message);
        }
    }

    /// <summary>Takes an interrupted run up again.</summary>
    public async Task Resume(Guid runId)
    {
        try
        {
            await runs.ResumeAsync(runId, Context.ConnectionAborted);
        }
        catch (RunRejectedException e)
        {
            throw new HubException(e.Message);
        }
    }

    /// <summary>The latest runs, newest first.</summary>
    public Task<IReadOnlyList<RunSummary>> List() => listing.ListAsync(RunListing.Most, Context.ConnectionAborted);
}
