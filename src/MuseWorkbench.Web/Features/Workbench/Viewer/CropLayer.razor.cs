using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>The rectangle drawn on an image, and the drawing of it by pointer; <see cref="CropFields"/> does the same by numbers.</summary>
public sealed partial class CropLayer : IAsyncDisposable
{
    private ElementReference _root;
    private DotNetObjectReference<CropLayer>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _pointer;
    private bool _disposed;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter, EditorRequired] public required ImageRef Image { get; set; }
    /// <summary>Whether the pointer draws.</summary>
    [Parameter] public bool IsDrawing { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    /// <summary>A rectangle was drawn, 0 to 1 of the image.</summary>
    [JSInvokable]
    public Task Drawn(double x0, double y0, double x1, double y1)
    {
        Model.SetCrop(Image, new NormalizedBox(x0, y0, x1, y1));
        return OnChanged.InvokeAsync();
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

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/Viewer/CropLayer.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            _pointer = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self);
        }
    }

    private static string At(double share) => $"{Fmt.Css(share * 100)}%";
}
