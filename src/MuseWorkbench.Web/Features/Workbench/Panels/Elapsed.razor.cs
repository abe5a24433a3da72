using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>A run's wall-clock; ticks by itself, since a long prefill brings no events.</summary>
public sealed partial class Elapsed : IDisposable
{
    private ITimer? _timer;

    [Inject] public required TimeProvider Time { get; init; }
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }

    private string Value => Run.Finished is { } finished ? Fmt.Ms(finished.WallClockMs)
        : Run.StartedAt is { } started ? Fmt.Ms(((Run.AsOf ?? (Time.GetUtcNow() - Run.Pause)) - started).TotalMilliseconds)
        : "–";

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized() =>
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(Tick), null, TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(250));

    private void Tick()
    {
        if (Run.IsRunning)
        {
            StateHasChanged();
        }
    }
}
