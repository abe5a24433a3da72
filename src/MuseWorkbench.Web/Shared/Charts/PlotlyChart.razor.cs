using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MuseWorkbench.Web.Shared.Charts;

/// <summary>A <see cref="ChartFigure"/> drawn by plotly: made once, then handed whole arrays, one call per new figure, none without data.</summary>
public sealed partial class PlotlyChart : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private IJSObjectReference? _chart;
    private ChartFigure? _drawn;
    private bool _busy, _disposed;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required ChartFigure Figure { get; set; }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_chart is not null)
            {
                await _chart.InvokeVoidAsync("dispose");
                await _chart.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the chart with it.
        }
    }

    protected override bool ShouldRender() => !ReferenceEquals(Figure, _drawn);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // While one call is under way newer figures wait; the latest is drawn when it returns.
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            while (!_disposed && Figure.HasData && !ReferenceEquals(Figure, _drawn))
            {
                var figure = Figure;
                _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Shared/Charts/PlotlyChart.razor.js");
                if (_disposed)
                {
                    return;
                }

                if (_chart is null)
                {
                    _chart = await _module.InvokeAsync<IJSObjectReference>("create", _root, figure);
                }
                else
                {
                    await _chart.InvokeVoidAsync("update", figure);
                }

                _drawn = figure;
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the chart with it.
        }
        finally
        {
            _busy = false;
        }
    }
}
