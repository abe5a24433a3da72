using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Experiments.Findings;

/// <summary>One experiment: how far it is, what it says so far, and every attempt.</summary>
public sealed partial class ExperimentPage : IDisposable
{
    private static readonly ImmutableArray<(string, string)> s_views = [("cases", "Cases"), ("scaling", "Scaling"), ("trends", "Trends"), ("judge", "Judge")];
    private static readonly ImmutableArray<(string, string)> s_reports = [("html", "page (HTML)"), ("csv", "CSV"), ("json", "JSON"), ("xml", "JUnit XML"), ("eval", "Inspect log (.eval), baseline")];

    private ExperimentProgress? _progress;
    private ExperimentResults? _results;
    private ChangeWatch? _watch;
    private Guid? _shown;
    private string? _problem;
    private string _said = "";
    private long _stamp;
    private int _baselineShown = -1;
    private bool _missing, _deleting, _busy, _reading, _readAgain, _summing, _sumAgain, _disposed;

    [Inject] public required IExperimentStore Store { get; init; }
    [Inject] public required ExperimentService Service { get; init; }
    [Inject] public required ExperimentRescoring Rescoring { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>Which results: cases, scaling, trends or judge.</summary>
    [SupplyParameterFromQuery(Name = "view")] public string? ViewName { get; set; }

    /// <summary>Which cases are listed.</summary>
    [SupplyParameterFromQuery(Name = "show")] public string? FilterName { get; set; }

    /// <summary>The team the others are compared with, from 1.</summary>
    [SupplyParameterFromQuery(Name = "base")] public int? BaselineNumber { get; set; }

    /// <summary>From 1.</summary>
    [SupplyParameterFromQuery(Name = "page")] public int PageNumber { get; set; } = 1;

    private string View => ViewName ?? "cases";

    private MatrixFilter Filter => Enum.TryParse<MatrixFilter>(FilterName, ignoreCase: true, out var filter) && Enum.IsDefined(filter) ? filter : MatrixFilter.All;

    private int Baseline => Math.Clamp((BaselineNumber ?? 1) - 1, 0, (_progress?.Experiment.Teams.Length ?? 1) - 1);

    public void Dispose()
    {
        _disposed = true;
        _watch?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Id)
        {
            _shown = Id;
            _watch?.Dispose();
            (_results, _problem, _deleting) = (null, null, false);
            // Watched before it is read: what changes meanwhile is read once more.
            _watch = new ChangeWatch(Service, Id, Time, () => _ = InvokeAsync(LoadAsync));
            await LoadAsync();
        }
        else if (_baselineShown != Baseline)
        {
            await SumUpAsync();
        }
    }

    private async Task LoadAsync()
    {
        var before = _progress?.Experiment.State;
        await ReadProgressAsync();
        if (_progress is { } progress && !_disposed)
        {
            await SumUpAsync();
            if (before == ExperimentState.Running && progress.Experiment.State == ExperimentState.Completed)
            {
                _said = $"Done. {string.Join(" ", _results?.Verdicts ?? [])}";
                StateHasChanged();
            }
        }
    }

    /// <summary>One reading at a time, so that no older one comes last; what changes meanwhile is read once more.</summary>
    private async Task ReadProgressAsync()
    {
        _readAgain = true;
        if (_reading)
        {
            return;
        }

        _reading = true;
        try
        {
            while (_readAgain && !_disposed)
            {
                _readAgain = false;
                _progress = await Service.GetProgressAsync(Id);
                _missing = _progress is null;
                _stamp++;
                StateHasChanged();
            }
        }
        finally
        {
            _reading = false;
        }
    }

    /// <summary>Sums everything up away from the circuit; what changes meanwhile is summed up once more afterwards.</summary>
    private async Task SumUpAsync()
    {
        _sumAgain = true;
        if (_summing)
        {
            return;
        }

        _summing = true;
        try
        {
            while (_sumAgain && !_disposed && _progress is { } progress)
            {
                _sumAgain = false;
                var baseline = _baselineShown = Baseline;
                _results = await Task.Run(async () =>
                {
                    var cells = new List<ExperimentCell>();
                    await foreach (var cell in Store.ReadCellsAsync(progress.Experiment.Id))
                    {
                        cells.Add(cell);
                    }

                    return ExperimentResults.Of(progress.Experiment, await Store.ReadCasesAsync(progress.Experiment.Id), cells, baseline);
                });
                StateHasChanged();
            }
        }
        finally
        {
            _summing = false;
        }
    }

    private async Task DoAsync(Func<Guid, CancellationToken, Task<bool>> what)
    {
        _problem = await what(Id, CancellationToken.None) ? null : "That could not be done: the experiment has moved on meanwhile.";
        await LoadAsync();
    }

    private async Task RescoreAsync()
    {
        _busy = true;
        try
        {
            _said = await Rescoring.RescoreAsync(Id) is { } report
                ? $"Scored again by v{report.Version}: {ExperimentText.Many(report.Rescored, "attempt")}{(report.NotThere + report.OtherQuestion > 0 ? $"; {report.NotThere + report.OtherQuestion} kept their scores, since the version has another question or none" : "")}."
                : "";
            _problem = null;
            await LoadAsync();
        }
        catch (ExperimentRefusedException e)
        {
            _problem = e.Message;
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task DeleteAsync()
    {
        await Service.DeleteAsync(Id);
        Navigation.NavigateTo("experiments");
    }

    private void ChooseBaseline(int team) => Go(baseline: team);

    private void Go(string? view = null, MatrixFilter? filter = null, int? baseline = null, int? page = null) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["view"] = (view ?? View) is var shown && shown == "cases" ? null : shown,
        ["show"] = (filter ?? Filter) is var listed && listed == MatrixFilter.All ? null : listed.ToString().ToLowerInvariant(),
        ["base"] = (baseline ?? Baseline) is var against && against == 0 ? null : against + 1,
        ["page"] = page is > 1 ? page : null,
    }));
}
