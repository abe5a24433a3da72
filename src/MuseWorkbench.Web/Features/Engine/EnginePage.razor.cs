using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>What the work does to the device, while it happens and over the last hour.</summary>
public sealed partial class EnginePage : IDisposable
{
    /// <summary>Points a chart shows at most: about one for each pixel and a half.</summary>
    private const int MaxPoints = 240;

    private static readonly int[] s_windows = [1, 5, 15, 60];

    private EngineChartModel _model = EngineChartModel.From([], TimeSpan.FromMinutes(1), DateTimeOffset.UnixEpoch);
    private ITimer? _timer;
    private int _minutes = 5;
    private bool _paused, _hasHistory;
    private INodeMonitor? _watched;
    private DateTimeOffset? _shown;

    [Inject] public required INodeMonitor Local { get; init; }
    [Inject] public required IMemberMonitors Members { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>The pool's member whose engine is shown; this machine's where there is none.</summary>
    [Parameter, SupplyParameterFromQuery(Name = "member")] public string? Member { get; set; }

    private INodeMonitor Monitor => _watched ?? Local;

    // The longer the window, the less a second moves.
    private TimeSpan Tick => _minutes switch { 1 => TimeSpan.FromMilliseconds(500), 5 => TimeSpan.FromSeconds(1), 15 => TimeSpan.FromSeconds(2), _ => TimeSpan.FromSeconds(5) };

    public void Dispose()
    {
        _timer?.Dispose();
        Monitor.StatusChanged -= OnStatusChanged;
    }

    protected override void OnParametersSet()
    {
        var monitor = Members.Find(Member) ?? Local;
        if (monitor != _watched)
        {
            Monitor.StatusChanged -= OnStatusChanged;
            _watched = monitor;
            Monitor.StatusChanged += OnStatusChanged;
            Refresh();
        }

        _timer ??= Time.CreateTimer(_ => _ = InvokeAsync(OnTick), null, Tick, Tick);
    }

    private void OnTick()
    {
        // Nothing new, nothing drawn.
        if (!_paused && Monitor.Latest?.At != _shown)
        {
            Refresh();
            StateHasChanged();
        }
    }

    private void OnStatusChanged() => _ = InvokeAsync(StateHasChanged);

    private void Choose(int minutes)
    {
        _minutes = minutes;
        _timer?.Change(Tick, Tick);
        Refresh();
    }

    private void TogglePause()
    {
        _paused = !_paused;
        if (!_paused)
        {
            Refresh();
        }
    }

    private void Refresh()
    {
        var window = TimeSpan.FromMinutes(_minutes);
        _shown = Monitor.Latest?.At;
        _hasHistory = _shown is not null;
        _model = EngineChartModel.From(Monitor.History(window, MaxPoints), window, Time.GetUtcNow());
    }
}
