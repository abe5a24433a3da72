using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Routing;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Runs.Export;

namespace MuseWorkbench.Web.Features.Runs.List;

/// <summary>All kept runs: found, sorted, marked, compared, deleted. What it shows stands in its address.</summary>
public sealed partial class RunsPage : IDisposable
{
    /// <summary>How often a list with runs under way is read again.</summary>
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(3);

    private readonly List<Guid> _chosen = [];
    private RunQuery _query = new();
    private RunPage? _page;
    private RunFacets _facets = new([], [], []);
    private RunRecord? _deleted;
    private string? _error;
    private ITimer? _timer;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] public required IRunCatalog Catalog { get; init; }
    [Inject] internal RunImport Import { get; init; } = null!;
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    private bool IsFiltered => (_query with { Sort = default, Skip = 0 }) != new RunQuery { Take = _query.Take };

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _timer?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        _query = RunListAddress.Read(new Uri(Navigation.Uri));
        await LoadAsync();
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(RefreshAsync), null, s_refresh, s_refresh);
    }

    private static string? Said(ChangeEventArgs e) => e.Value as string is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Day(ChangeEventArgs e) =>
        DateOnly.TryParse(Said(e), CultureInfo.InvariantCulture, out var day) && day < DateOnly.MaxValue ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero) : null;

    private void Go(RunQuery query) => Navigation.NavigateTo(RunListAddress.Write(query with { Skip = 0 }));

    private void Turn(int pages) => Navigation.NavigateTo(RunListAddress.Write(_query with { Skip = Math.Max(0, _query.Skip + (pages * RunListAddress.PageSize)) }));

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(async () =>
    {
        var address = new Uri(e.Location);
        if (Navigation.ToBaseRelativePath(e.Location).Split('?')[0] == "runs")
        {
            _query = RunListAddress.Read(address);
            await LoadAsync();
        }
    });

    private async Task LoadAsync()
    {
        _page = await Catalog.FindAsync(_query, CancellationToken.None);
        _facets = await Catalog.GetFacetsAsync(CancellationToken.None);
        StateHasChanged();
    }

    private async Task RefreshAsync()
    {
        if (_page?.Runs.Any(run => run.Outcome is null) == true)
        {
            await LoadAsync();
        }
    }

    private void Choose(Guid runId, bool chosen)
    {
        _chosen.Remove(runId);
        if (chosen)
        {
            _chosen.Add(runId);
            if (_chosen.Count > 2)
            {
                _chosen.RemoveAt(0); // the last two chosen are compared
            }
        }
    }

    private async Task DeleteAsync(RunRecord run)
    {
        if (await Catalog.DeleteAsync(run.RunId, CancellationToken.None))
        {
            _deleted = run;
            Runs.Forget(run.RunId);
            _chosen.Remove(run.RunId);
        }
        else
        {
            _error = "A run under way can't be deleted; stop it first.";
        }

        await LoadAsync();
    }

    private async Task UndoAsync()
    {
        if (_deleted is { } run)
        {
            _deleted = null;
            await Catalog.RestoreAsync(run.RunId, CancellationToken.None);
            await LoadAsync();
        }
    }

    private async Task ImportAsync(InputFileChangeEventArgs e)
    {
        _error = null;
        try
        {
            await using var content = e.File.OpenReadStream(RunImport.MaxBytes);
            var runId = await Import.ImportAsync(content, CancellationToken.None);
            Navigation.NavigateTo($"runs/{runId}");
        }
        catch (RunImportException refused)
        {
            _error = refused.Message;
        }
        catch (IOException)
        {
            _error = $"The file is larger than {RunImport.MaxBytes >> 20} MB, or the upload ended early.";
        }
    }
}
