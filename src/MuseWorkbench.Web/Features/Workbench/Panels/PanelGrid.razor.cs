using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>All agents side by side, or one of them large. Renders with its page; its panels only when they changed.</summary>
public sealed partial class PanelGrid : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private IJSObjectReference? _keeper;
    private bool _disposed;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }
    /// <summary>The agent read large; null for all.</summary>
    [Parameter] public int? Focused { get; set; }
    [Parameter] public EventCallback<int?> OnFocus { get; set; }
    [Parameter] public EventCallback<int> OnStop { get; set; }
    /// <summary>What else can be done with each.</summary>
    [Parameter] public AgentDeeds Deeds { get; set; } = AgentDeeds.None;

    private string? Shape => Focused is not null ? "one" : Run.Stages > 1 ? "staged" : Run.Agents.Length > FourRows ? "many" : null;

    /// <summary>Agents whose panels share the height there is; of more, some are scrolled to.</summary>
    private const int FourRows = 16;

    private int Columns => ColumnsFor(Run.Agents.Length);

    private static int ColumnsFor(int agents) => agents switch { <= 1 => 1, <= 4 => 2, <= 6 => 3, _ => 4 };

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_keeper is not null)
            {
                await _keeper.InvokeVoidAsync("dispose");
                await _keeper.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its observers with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/Panels/PanelGrid.razor.js");
        if (!_disposed)
        {
            _keeper = await _module.InvokeAsync<IJSObjectReference>("attach", _root);
        }
    }
}
