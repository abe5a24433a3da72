using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>An agent's calls, word for word: read from where the run is kept when someone asks, and let go when it closes.</summary>
public sealed partial class AgentCalls : IAsyncDisposable
{
    private readonly List<(CallSent Sent, CallEnded? Ended)> _calls = [];
    private ElementReference _dialog;
    private IJSObjectReference? _module;
    private string? _problem;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    private AgentViewModel? Agent { get; set; }

    private bool IsOpen(CallSent call) => Agent is { IsOver: false } && call == _calls[^1].Sent;

    /// <summary>Reads and shows the calls of an agent.</summary>
    public async Task ShowAsync(Guid runId, AgentViewModel agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        (Agent, _problem) = (agent, null);
        _calls.Clear();
        try
        {
            foreach (var call in agent.Calls.ToArray())
            {
                if (await ReadAsync(runId, call.SentSeq) is CallSent sent)
                {
                    _calls.Add((sent, call.EndedSeq is { } seq ? await ReadAsync(runId, seq) as CallEnded : null));
                }
            }
        }
        catch (KeyNotFoundException)
        {
            _problem = "The run is not here any more.";
        }

        StateHasChanged();
        _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/Panels/AgentCalls.razor.js");
        await _module.InvokeVoidAsync("show", _dialog);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the dialog with it.
        }
    }

    private async Task<RunEvent?> ReadAsync(Guid runId, long seq)
    {
        await foreach (var e in Runs.ReadAsync(runId, seq - 1, CancellationToken.None))
        {
            return e;
        }

        return null;
    }
}
