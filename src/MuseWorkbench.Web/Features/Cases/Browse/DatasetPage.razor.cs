using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Features.Cases.List;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>One dataset: its cases found, walked, marked and changed many at a time. What it shows stands in its address.</summary>
public sealed partial class DatasetPage : IDisposable
{
    private readonly CaseSelection _selection = new();
    private CaseListState _state = CaseListState.Empty;
    private Dataset? _dataset;
    private CaseFacets _facets = new([], []);
    private CaseList? _list;
    private ImportDialog? _import;
    private CancellationTokenSource? _working;
    private string? _problem, _busy;
    private string _said = "";
    private int _total;
    private bool _missing;

    [Inject] public required ICaseStore Store { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Parameter] public Guid DatasetId { get; set; }

    /// <summary>Published versions never change.</summary>
    private bool IsReadOnly => _state.Query.Version is not null;

    private int Selected => IsReadOnly ? 0 : _selection.Count(_total);

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _working?.Cancel();
        _working?.Dispose();
    }

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    protected override Task OnParametersSetAsync()
    {
        _state = CaseListAddress.Read(new Uri(Navigation.Uri));
        return ReloadAsync();
    }

    private static string? Said(ChangeEventArgs e) => e.Value as string is { Length: > 0 } text ? text : null;

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(async () =>
    {
        if (!Navigation.ToBaseRelativePath(e.Location).Split('?')[0].Equals($"cases/{DatasetId}", StringComparison.OrdinalIgnoreCase))
            return;
        var before = _state;
        _state = CaseListAddress.Read(new Uri(e.Location));
        if (before.Query != _state.Query)
            _selection.Clear();
        await ReloadAsync();
    });

    private async Task ReloadAsync()
    {
        _dataset = await Store.FindAsync(DatasetId);
        _missing = _dataset is null;
        if (_dataset is null)
            return;
        _facets = await Store.GetFacetsAsync(DatasetId, _state.Query.Version);
        _total = (await Store.QueryAsync(DatasetId, _state.Query with { Take = 1 })).Total;
        StateHasChanged();
        if (_list is not null)
            await _list.RefreshAsync();
    }

    private void Go(CaseQuery query) => Navigation.NavigateTo(CaseListAddress.List(DatasetId, _state with { Query = query, At = null }));

    private void Use(bool isTable) => Navigation.NavigateTo(CaseListAddress.List(DatasetId, _state with { IsTable = isTable, At = null }), replace: true);

    private Task ImportAsync() => _import?.ShowAsync() ?? Task.CompletedTask;

    private void Show(int? version) => Go(new CaseQuery { Version = version });

    private async Task SelectAll()
    {
        _selection.SelectAll();
        if (_list is not null)
            await _list.RefreshAsync();
    }

    private async Task ClearSelection()
    {
        _selection.Clear();
        if (_list is not null)
            await _list.RefreshAsync();
    }

    private Task ChangeAsync(BulkChange change) => WorkAsync($"Changing {CasesPage.Say(Selected, "case")}…", async cancellationToken =>
    {
        var result = await new CaseBulk(Store).ChangeAsync(DatasetId, _state.Query, _selection, change.Apply, cancellationToken);
        _said = $"{CasesPage.Say(result.Changed, "case")} changed.";
        if (result.Refused > 0)
            _problem = $"{CasesPage.Say(result.Refused, "case")} stayed as they were: {result.Reason}";
    });

    private Task DeleteAsync() => WorkAsync($"Deleting {CasesPage.Say(Selected, "case")}…", async cancellationToken =>
    {
        var deleted = await new CaseBulk(Store).DeleteAsync(DatasetId, _state.Query, _selection, cancellationToken);
        _selection.Clear();
        _said = $"{CasesPage.Say(deleted, "case")} deleted from the draft.";
    });

    private async Task WorkAsync(string what, Func<CancellationToken, Task> work)
    {
        if (_busy is not null)
            return;
        (_busy, _problem) = (what, null);
        _working = new CancellationTokenSource();
        try
        {
            StateHasChanged();
            var token = _working.Token;
            // Away from the circuit: ten thousand cases are hashed, and the page should hear of a cancel meanwhile.
            await Task.Run(() => work(token), token);
        }
        catch (OperationCanceledException)
        {
            _said = "Cancelled; nothing was changed.";
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
        finally
        {
            _busy = null;
            _working.Dispose();
            _working = null;
        }
        await ReloadAsync();
    }
}
