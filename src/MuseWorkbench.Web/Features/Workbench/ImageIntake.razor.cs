using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// Images dropped, pasted or browsed. The bytes go from the browser to the library over HTTP; the circuit only hears
/// which content arrived.
/// </summary>
public sealed partial class ImageIntake : IAsyncDisposable
{
    private DotNetObjectReference<ImageIntake>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _intake;
    private bool _disposed;

    [Inject] public required IJSRuntime Js { get; init; }
    [Inject] public required IImageLibrary Library { get; init; }
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    [JSInvokable]
    public Task UploadStarted(string id, string name, long bytes)
    {
        Model.UploadStarted(id, name, bytes);
        return OnChanged.InvokeAsync();
    }

    [JSInvokable]
    public Task UploadDone(string id, string sha256)
    {
        if (Library.Find(sha256) is not { } image)
        {
            Model.UploadFailed(id, "The server does not have this image. Add it again.");
        }
        else if (Model.Add(image))
        {
            Model.UploadEnded(id);
        }
        else
        {
            Model.UploadFailed(id, $"A question may carry at most {ComposerModel.MaxImages} images.");
        }

        return OnChanged.InvokeAsync();
    }

    [JSInvokable]
    public Task UploadFailed(string id, string reason)
    {
        Model.UploadFailed(id, reason);
        return OnChanged.InvokeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_intake is not null)
            {
                await _intake.InvokeVoidAsync("dispose");
                await _intake.DisposeAsync();
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

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/ImageIntake.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            _intake = await _module.InvokeAsync<IJSObjectReference>("attach", _self);
        }
    }
}
