using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Runs.Replay;

/// <summary>Play, pause, speed and scrubber; ticks while it plays, and tells its page what to show.</summary>
public sealed partial class ReplayBar : IDisposable
{
    /// <summary>Time between two frames.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);

    private ITimer? _timer;
    private long _last;

    [Inject] public required TimeProvider Time { get; init; }
    [Parameter, EditorRequired] public required ReplayModel Model { get; set; }
    /// <summary>The model shows another moment.</summary>
    [Parameter] public EventCallback OnMoved { get; set; }
    [Parameter] public EventCallback OnClose { get; set; }

    public void Dispose() => _timer?.Dispose();

    protected override void OnInitialized()
    {
        _last = Time.GetTimestamp();
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(TickAsync), null, Frame, Frame);
    }

    private async Task TickAsync()
    {
        var now = Time.GetTimestamp();
        var elapsed = Time.GetElapsedTime(_last, now);
        _last = now;
        if (Model.IsPlaying)
        {
            Model.Advance(elapsed);
            await OnMoved.InvokeAsync();
        }
    }

    private void Toggle()
    {
        if (Model.IsPlaying)
        {
            Model.Pause();
        }
        else
        {
            Model.Play();
        }
    }

    private Task ScrubAsync(ChangeEventArgs e)
    {
        if (double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && double.IsFinite(ms))
        {
            Model.Seek(TimeSpan.FromMilliseconds(Math.Min(ms, Model.Duration.TotalMilliseconds)));
        }

        return OnMoved.InvokeAsync();
    }

    private Task ToEndAsync()
    {
        Model.Pause();
        Model.Seek(Model.Duration);
        return OnMoved.InvokeAsync();
    }

    // The last step of a slider lies at its maximum, which so must not fall short of the end.
    private static string Milliseconds(TimeSpan time) => (Math.Ceiling(time.TotalMilliseconds / 10) * 10).ToString("0", CultureInfo.InvariantCulture);
}
