using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.List;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>
/// The cases that match, as tiles or as a table. Only what is in view is read and rendered; rows are equally high, so that the
/// browser finds any of them without having seen the others.
/// </summary>
public sealed partial class CaseList : IAsyncDisposable
{
    /// <summary>Heights of a row, CSS pixels; the style sheet says the same.</summary>
    private const int GridRow = 244, TableRow = 46;

    private int _columns = 5;
    private ElementReference _root;
    private Virtualize<IReadOnlyList<(int Index, Case Case)>>? _rows;
    private DotNetObjectReference<CaseList>? _self;
    private IJSObjectReference? _module, _walk;
    private CaseQuery? _shown;
    private bool _wasTable, _disposed;

    [Inject] public required ICaseStore Store { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required Guid DatasetId { get; set; }
    [Parameter, EditorRequired] public CaseListState State { get; set; } = CaseListState.Empty;
    [Parameter, EditorRequired] public CaseSelection Selection { get; set; } = new();

    /// <summary>Cases that match.</summary>
    [Parameter] public int Total { get; set; }

    [Parameter] public bool IsReadOnly { get; set; }
    [Parameter] public EventCallback OnSelected { get; set; }

    /// <summary>Reads what is in view again.</summary>
    public async Task RefreshAsync()
    {
        if (_rows is not null)
            await _rows.RefreshDataAsync();
        StateHasChanged();
    }

    /// <summary>So many tiles fit beside each other.</summary>
    [JSInvokable]
    public async Task Columns(int columns)
    {
        if (columns != _columns && columns > 0)
        {
            _columns = columns;
            StateHasChanged();
            await RefreshAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_walk is not null)
            {
                await _walk.InvokeVoidAsync("dispose");
                await _walk.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }
        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Another query has other cases, whoever asked for it and when: what is in view is read once the new one is here.
        if (_shown is { } shown && shown != State.Query && _rows is not null)
        {
            _shown = State.Query;
            await _rows.RefreshDataAsync();
            StateHasChanged();
        }
        _shown = State.Query;
        if (firstRender)
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Cases/Browse/CaseList.razor.js");
            if (_disposed)
                return;
            _self = DotNetObjectReference.Create(this);
            _walk = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self, State.At);
            _wasTable = State.IsTable;
        }
        else if (_walk is not null && State.IsTable != _wasTable)
        {
            _wasTable = State.IsTable;
            await _walk.InvokeVoidAsync("use", _root);
        }
    }

    private async ValueTask<ItemsProviderResult<IReadOnlyList<(int Index, Case Case)>>> ProvideAsync(ItemsProviderRequest request)
    {
        var columns = State.IsTable ? 1 : _columns;
        var skip = request.StartIndex * columns;
        var page = await Store.QueryAsync(DatasetId, State.Query with { Skip = skip, Take = Math.Max(1, request.Count * columns) }, request.CancellationToken);
        var rows = page.Cases.Select((@case, i) => (skip + i, @case)).Chunk(columns).Select(IReadOnlyList<(int, Case)> (row) => row);
        return new([.. rows], (page.Total + columns - 1) / columns);
    }

    /// <summary>Selects a case or not; with shift, all from the one selected before.</summary>
    private async Task ToggleAsync(int index, string caseId, bool isRange)
    {
        var selected = !Selection.Contains(caseId);
        if (isRange && Selection.Anchor is { } anchor && anchor != index)
        {
            var (first, last) = (Math.Min(anchor, index), Math.Max(anchor, index));
            for (var skip = first; skip <= last; skip += 500)
            {
                var page = await Store.QueryAsync(DatasetId, State.Query with { Skip = skip, Take = Math.Min(500, last - skip + 1) });
                Selection.Set(page.Cases.Select(@case => @case.Id), selected);
            }
        }
        else
        {
            Selection.Set([caseId], selected);
        }
        Selection.Anchor = index;
        await OnSelected.InvokeAsync();
    }

    private string AddressOf(int index, Case @case) => CaseListAddress.Case(DatasetId, State, @case.Id, index);

    private static string Name(Case @case) => Text.Shorten(@case.Prompt.Length > 0 ? @case.Prompt : @case.Id, 60);

    // Of a tile's width a split takes its part.
    private static int Shown(Case @case) => @case.Split is null ? 2 : 1;

    private static string Holds(Case @case) => string.Join(" · ", new[]
    {
        @case.Regions.Length > 0 ? CasesPage.Say(@case.Regions.Length, "place") : "",
        @case.Assertions.Length > 0 ? CasesPage.Say(@case.Assertions.Length, "check") : "",
    }.Where(part => part.Length > 0));
}
