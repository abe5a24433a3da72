using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Web.Features.Cases.Browse;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>One case, to read or to edit, with the way to its neighbours in the list it was opened from.</summary>
public sealed partial class CaseEditorPage : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module, _keys;
    private Modal? _leaving;
    private Dataset? _dataset;
    private CaseListState _state = CaseListState.Empty;
    private CaseFacets _facets = new([], []);
    private CaseForm? _form;
    private CaseNeighbours? _neighbours;
    private ImmutableArray<CaseProblem> _problems = [];
    private (Guid Dataset, string? Case, int? Version)? _loaded;
    private string? _problem, _target;
    private string _said = "";
    private bool _missing, _conflict, _deleting, _mayLeave, _disposed, _showFault;

    [Inject] public required ICaseStore Store { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter] public Guid DatasetId { get; set; }

    /// <summary>The case; null for a new one.</summary>
    [SupplyParameterFromQuery(Name = "id")] public string? CaseId { get; set; }

    private bool IsReadOnly => _state.Query.Version is not null;

    private bool IsUnsaved => !IsReadOnly && !_mayLeave && _form?.IsChanged == true;

    private string Title => _form is null ? "Case" : _form.IsNew ? "New case" : Text.Shorten(_form.Prompt.Length > 0 ? _form.Prompt : _form.Id, 60);

    private string TryAddress => QueryHelpers.AddQueryString("", new Dictionary<string, string?> { ["dataset"] = DatasetId.ToString(), ["case"] = CaseId, ["v"] = _state.Query.Version?.ToString(System.Globalization.CultureInfo.InvariantCulture) }.Where(pair => pair.Value is not null));

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        try
        {
            if (_keys is not null)
            {
                await _keys.InvokeVoidAsync("dispose");
                await _keys.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        _state = CaseListAddress.Read(new Uri(Navigation.Uri));
        if (_loaded != (DatasetId, CaseId, _state.Query.Version))
            await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Cases/Edit/CaseEditorPage.razor.js");
            if (!_disposed)
                _keys = await _module.InvokeAsync<IJSObjectReference>("attach", _root);
        }
        if (_showFault && _keys is not null)
        {
            _showFault = false;
            await _keys.InvokeVoidAsync("showFault");
        }
    }

    private static string Letter(int index) => index < 26 ? ((char)('A' + index)).ToString() : (index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task LoadAsync()
    {
        _loaded = (DatasetId, CaseId, _state.Query.Version);
        (_problems, _problem, _conflict, _deleting, _mayLeave) = ([], null, false, false, false);
        _dataset = await Store.FindAsync(DatasetId);
        var kept = CaseId is { } id ? await Store.GetAsync(DatasetId, id, _state.Query.Version) : null;
        _missing = _dataset is null || (CaseId is not null && kept is null);
        _form = _missing ? null : new CaseForm(kept);
        _facets = _missing ? new([], []) : await Store.GetFacetsAsync(DatasetId, _state.Query.Version);
        await FindNeighboursAsync();
    }

    private async Task FindNeighboursAsync() =>
        _neighbours = CaseId is { } id && _form is not null ? await CaseNeighbours.FindAsync(Store, DatasetId, _state, id, CancellationToken.None) : null;

    // What was wrong is looked at again while it is mended.
    private void Changed()
    {
        if (!_problems.IsEmpty)
            _problems = _form!.FindProblems();
        StateHasChanged();
    }

    private async Task<bool> SaveAsync(bool overwrite = false)
    {
        if (_form is not { } form || IsReadOnly)
            return false;
        (_problem, _conflict) = (null, false);
        _problems = form.FindProblems();
        if (!_problems.IsEmpty)
        {
            (_said, _showFault) = ("Not saved: something is wrong.", true);
            return false;
        }
        try
        {
            return await KeepAsync(form, form.ToCase(), overwrite);
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
            return false;
        }
    }

    private async Task<bool> KeepAsync(CaseForm form, Case @case, bool overwrite)
    {
        var there = await Store.GetAsync(DatasetId, @case.Id);
        if (form.IsNew && there is not null)
        {
            _problems = [new("id", "A case of this id is in the dataset already.")];
            _showFault = true;
            return false;
        }
        if (!form.IsNew && !overwrite && (there is null ? null : CaseContent.Hash(there)) != form.BaseHash)
        {
            (_problem, _conflict) = (there is null ? "This case was deleted meanwhile. Keeping yours brings it back." : "This case was changed elsewhere meanwhile.", true);
            return false;
        }
        if (await Store.SaveAsync(DatasetId, new CaseBatch([@case])) is null)
        {
            _problem = "The dataset was deleted meanwhile.";
            return false;
        }
        _said = "Saved.";
        if (form.IsNew)
        {
            (_mayLeave, _loaded) = (true, null);
            Navigation.NavigateTo(CaseListAddress.Case(DatasetId, _state, @case.Id, null), replace: true);
        }
        else
        {
            _form = new CaseForm(@case);
            await FindNeighboursAsync();
        }
        return true;
    }

    private async Task DeleteAsync()
    {
        try
        {
            await Store.RemoveAsync(DatasetId, [_form!.Id]);
            _mayLeave = true;
            Navigation.NavigateTo(CaseListAddress.List(DatasetId, _state));
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
    }

    private void GuardAsync(LocationChangingContext context)
    {
        if (!IsUnsaved)
            return;
        context.PreventNavigation();
        _target = context.TargetLocation;
        _leaving?.Show();
    }

    private async Task LeaveAsync()
    {
        var target = _target;
        _mayLeave = true;
        if (_leaving is not null)
            await _leaving.CloseAsync();
        if (target is not null)
            Navigation.NavigateTo(target);
    }

    private async Task SaveAndLeaveAsync()
    {
        var (target, wasNew) = (_target, _form?.IsNew == true);
        if (!await SaveAsync() && !_problems.IsEmpty)
            return; // said in the dialog
        if (_leaving is not null)
            await _leaving.CloseAsync();
        if (target is not null && (wasNew || !IsUnsaved))
            Navigation.NavigateTo(target);
    }
}
