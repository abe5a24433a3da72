using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Says what stands between the reader and an answer while the engine is not ready, and what to do about it.</summary>
public sealed partial class NodeBanner : MonitorComponent, IDisposable
{
    private ITimer? _clock;
    private bool _restarting;

    [Inject] public required TimeProvider Time { get; init; }

    private NodeStatus Status => Monitor.Status;

    private bool IsDown => Status.Phase is NodePhase.Failed or NodePhase.Stopped;

    private string Headline => Status.Phase switch
    {
        NodePhase.Starting => "The engine is starting.",
        NodePhase.Loading => "Loading the model.",
        NodePhase.Restarting => "The engine went away and is restarted.",
        NodePhase.Failed => "The engine failed.",
        _ => "The engine is stopped.",
    };

    private string Detail => Status switch
    {
        { Phase: NodePhase.Loading, Model: { SizeBytes: > 0 } model } => $"{model.Id}, {Fmt.Bytes(model.SizeBytes)}. You can prepare a question meanwhile.",
        { Phase: NodePhase.Loading or NodePhase.Starting } => "You can prepare a question meanwhile.",
        { Phase: NodePhase.Restarting, NextAttempt: { } next } => $"{Status.Reason} Next try {Until(next)}.".Trim(),
        _ => Status.Reason ?? "",
    };

    private string Excerpt => string.Join('\n', Monitor.Log.TakeLast(6).Select(line => line.Text));

    public void Dispose()
    {
        Monitor.StatusChanged -= OnStatusChanged;
        _clock?.Dispose();
    }

    protected override void OnInitialized()
    {
        Monitor.StatusChanged += OnStatusChanged;
        _clock = Time.CreateTimer(_ => _ = InvokeAsync(Tick), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    private string Until(DateTimeOffset next)
    {
        var seconds = Math.Ceiling((next - Time.GetUtcNow()).TotalSeconds);
        return seconds <= 0 ? "now" : $"in {seconds:0} s";
    }

    private void Tick()
    {
        if (Status.Phase == NodePhase.Restarting)
        {
            StateHasChanged();
        }
    }

    private void OnStatusChanged() => _ = InvokeAsync(StateHasChanged);

    private async Task RestartAsync()
    {
        _restarting = true;
        try
        {
            await Monitor.RestartAsync();
        }
        finally
        {
            _restarting = false;
        }
    }
}
