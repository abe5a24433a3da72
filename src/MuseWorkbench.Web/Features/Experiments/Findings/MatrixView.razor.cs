using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Experiments.Findings;

/// <summary>Cases by teams, a page at a time; every mark opens its run, every case the head-to-head view.</summary>
public sealed partial class MatrixView
{
    private const int PageSize = 50;

    private static readonly ImmutableArray<(MatrixFilter, string, string)> s_filters =
    [
        (MatrixFilter.All, "All", "Every case"),
        (MatrixFilter.Failures, "Failures", "Some attempt did not pass"),
        (MatrixFilter.Differ, "Differ", "Some attempt passed, another did not"),
        (MatrixFilter.Flips, "Flips", "A team came to another outcome than the baseline"),
        (MatrixFilter.Errors, "Errors", "Something broke; that is neither right nor wrong"),
    ];

    private MatrixPage? _page;
    private object? _loaded;

    [Inject] public required IExperimentStore Store { get; init; }
    [Parameter, EditorRequired] public required Experiment Experiment { get; set; }
    [Parameter] public MatrixFilter Filter { get; set; }
    [Parameter] public int Baseline { get; set; }

    /// <summary>From 1.</summary>
    [Parameter] public int Page { get; set; } = 1;

    /// <summary>Another one: the cells have changed.</summary>
    [Parameter] public long Stamp { get; set; }

    [Parameter] public EventCallback<MatrixFilter> OnFilter { get; set; }
    [Parameter] public EventCallback<int> OnPage { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var asked = (Experiment.Id, Filter, Baseline, Page, Stamp);
        if (!asked.Equals(_loaded))
        {
            _loaded = asked;
            var page = await Store.QueryAsync(Experiment.Id, new MatrixQuery { Filter = Filter, Baseline = Baseline, Skip = (Page - 1) * PageSize, Take = PageSize });
            // Asked again meanwhile: the later answer counts.
            _page = asked.Equals(_loaded) ? page : _page;
        }
    }
}
