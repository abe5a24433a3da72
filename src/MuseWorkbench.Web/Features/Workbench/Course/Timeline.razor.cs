using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>
/// Why it took as long as it did: one lane an agent, from waiting to answer, over what the engine did. A moment pointed at, by
/// pointer or by its slider, shows the words being written then.
/// </summary>
public sealed partial class Timeline : LiveComponent, IAsyncDisposable
{
    private ElementReference _root;
    private DotNetObjectReference<Timeline>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _pointer;
    private double? _ms;
    private int? _lane;
    private bool _pinned, _disposed;
    private long _moved;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }

    // Five times a second is often enough for lanes.
    protected override object Stamp => (Run, (Run.AsOf ?? Run.LastAt).UtcTicks / (TimeSpan.TicksPerMillisecond * 200), Run.Finished is null, Run.Agents.Length, _moved);

    private TimelineModel Model { get; set; } = TimelineModel.Empty;

    private RunMoment? Moment { get; set; }

    private string Spoken => Moment is { } moment
        ? $"{Fmt.Ms(moment.Ms)}: {string.Join("; ", Chosen(moment).Select(lane => $"{lane.Agent.Name} {lane.Doing} {Text.Shorten((lane.Before + lane.Now)[Math.Max(0, lane.Before.Length + lane.Now.Length - 60)..], 60)}"))}"
        : "the end";

    /// <summary>The pointer is over the axis.</summary>
    /// <param name="share">Where on it, 0 to 1.</param>
    /// <param name="lane">Over which agent's lane; null between lanes.</param>
    [JSInvokable]
    public void Point(double share, int? lane)
    {
        if (double.IsFinite(share))
        {
            (_lane, _pinned) = (lane, false);
            Show(Math.Clamp(share, 0, 1) * Model.SpanMs);
        }
    }

    /// <summary>The pointer has left, or the moment is to be closed.</summary>
    [JSInvokable]
    public void Leave()
    {
        if (!_pinned)
        {
            Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_pointer is not null)
            {
                await _pointer.InvokeVoidAsync("dispose");
                await _pointer.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }

        _self?.Dispose();
    }

    protected override bool ShouldRender()
    {
        var render = base.ShouldRender();
        if (render)
        {
            Update();
        }

        return render;
    }

    protected override void OnInitialized() => Update();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/Course/Timeline.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            _pointer = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self);
        }
    }

    private void Update()
    {
        Model = TimelineModel.From(Run);
        Moment = _ms is { } ms ? RunMoment.At(Run, Math.Min(ms, Model.SpanMs)) : null;
    }

    private void Scrub(ChangeEventArgs e)
    {
        if (double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && double.IsFinite(ms))
        {
            _pinned = true;
            Show(Math.Clamp(ms, 0, Model.SpanMs));
        }
    }

    private void Choose(int lane)
    {
        (_lane, _pinned) = (_lane == lane && _pinned ? null : lane, true);
        Show(_ms ?? Model.SpanMs);
    }

    private void Clear()
    {
        (_ms, _lane, _pinned) = (null, null, false);
        _moved++;
        StateHasChanged();
    }

    private void Show(double ms)
    {
        _ms = ms;
        _moved++;
        StateHasChanged();
    }

    private IEnumerable<LaneMoment> Chosen(RunMoment moment) => moment.Lanes.Where(lane => _lane is null || lane.Agent.Index == _lane);

    private static string Whole(double value) => Math.Ceiling(value).ToString("0", CultureInfo.InvariantCulture);
}
