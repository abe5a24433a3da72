using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MuseWorkbench.Web.Shared;

/// <summary>A dialog over the page. What stands in it exists only while it is open.</summary>
public sealed partial class Modal : IAsyncDisposable
{
    private ElementReference _dialog;
    private IJSObjectReference? _module;
    private bool _showing;

    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>The element's id, once in a page.</summary>
    [Parameter, EditorRequired] public required string Id { get; set; }

    [Parameter, EditorRequired] public required string Title { get; set; }
    [Parameter] public bool IsWide { get; set; }
    [Parameter] public RenderFragment? ChildContent { get; set; }

    /// <summary>It was closed: by its button, Escape or <see cref="CloseAsync"/>.</summary>
    [Parameter] public EventCallback OnClosed { get; set; }

    public bool IsOpen { get; private set; }

    public void Show()
    {
        (IsOpen, _showing) = (true, true);
        StateHasChanged();
    }

    public async Task CloseAsync()
    {
        if (_module is not null && IsOpen)
            await _module.InvokeVoidAsync("close", _dialog);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the dialog with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_showing)
            return;
        _showing = false;
        _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Shared/Modal.razor.js");
        await _module.InvokeVoidAsync("show", _dialog);
    }

    private Task ClosedAsync()
    {
        IsOpen = false;
        return OnClosed.InvokeAsync();
    }
}
