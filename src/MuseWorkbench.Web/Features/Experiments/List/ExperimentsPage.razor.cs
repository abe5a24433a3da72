using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Web.Features.Experiments.List;

/// <summary>All experiments, newest first, each with how far it is.</summary>
public sealed partial class ExperimentsPage : IDisposable
{
    private IReadOnlyList<(Experiment Experiment, ExperimentProgress Progress)>? _rows;
    private ChangeWatch? _watch;

    [Inject] public required IExperimentStore Store { get; init; }
    [Inject] public required ExperimentService Service { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    public void Dispose() => _watch?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        _watch = new ChangeWatch(Service, null, Time, () => _ = InvokeAsync(LoadAsync));
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var rows = new List<(Experiment, ExperimentProgress)>();
        foreach (var experiment in await Store.ListAsync())
        {
            if (await Service.GetProgressAsync(experiment.Id) is { } progress)
            {
                rows.Add((progress.Experiment, progress));
            }
        }

        _rows = rows;
        StateHasChanged();
    }
}
