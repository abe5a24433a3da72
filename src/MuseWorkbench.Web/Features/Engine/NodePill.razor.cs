using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>The engine node's state in a few words; leads to the Engine page.</summary>
public sealed partial class NodePill : MonitorComponent, IDisposable
{

    private (string Text, string Class, string Tip) State => Monitor.Status switch
    {
        { Phase: NodePhase.Ready, Model: { } model } => ($"{model.Id} · ready", "ok", $"{Fmt.Parameters(model.Parameters)} parameters, {Fmt.Bytes(model.SizeBytes)}, up to {model.MaxSequences} sequences at once"),
        { Phase: NodePhase.Ready } => ("ready", "ok", "The engine is ready"),
        { Phase: NodePhase.Loading, LoadProgress: { } progress } => ($"loading model · {Fmt.Percent(progress)}", "busy", "The engine loads its model"),
        { Phase: NodePhase.Loading } => ("loading model", "busy", "The engine loads its model"),
        { Phase: NodePhase.Starting } => ("starting", "busy", "The engine starts"),
        { Phase: NodePhase.Restarting } status => ("restarting", "busy", status.Reason ?? "The engine restarts"),
        { Phase: NodePhase.Failed } status => ("failed", "bad", status.Reason ?? "The engine failed"),
        { Phase: NodePhase.Asleep } => ("asleep", "", "The engine is started with the next question"),
        _ => ("stopped", "bad", "The engine is stopped"),
    };

    public void Dispose() => Monitor.StatusChanged -= OnStatusChanged;

    protected override void OnInitialized() => Monitor.StatusChanged += OnStatusChanged;

    private void OnStatusChanged() => _ = InvokeAsync(StateHasChanged);
}
