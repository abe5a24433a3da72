using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Web.Features.Teams;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Experiments.New;

/// <summary>Cases, teams and repeats: what it will cost before it costs anything.</summary>
public sealed partial class NewExperimentPage
{
    private readonly NewExperimentForm _form = new();
    private IReadOnlyList<Dataset>? _datasets;
    private ImmutableArray<TeamChoice> _choices = [];
    private CaseFacets _facets = new([], []);
    private string? _problem;
    private int _cases;
    private bool _making, _offerPublish;

    [Inject] public required ICaseStore Cases { get; init; }
    [Inject] public required ITeamStore Teams { get; init; }
    [Inject] public required StrategyCatalogue Strategies { get; init; }
    [Inject] public required ExperimentService Service { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    /// <summary>The dataset to begin with.</summary>
    [SupplyParameterFromQuery(Name = "dataset")] public Guid? DatasetId { get; set; }

    private int Chosen => Math.Min(_cases, _form.First is > 0 and var first ? first : int.MaxValue);

    private string Cost => _form.Missing ?? string.Create(
        CultureInfo.InvariantCulture,
        $"{ExperimentText.Many(_form.Teams.Count, "team")} × {ExperimentText.Many(Chosen, "case")}{(_form.Repeats > 1 ? $" × {_form.Repeats} repeats" : "")} = {ExperimentText.Many(_form.Teams.Count * Chosen * _form.Repeats, "run")}, {Fmt.Count((long)_form.Teams.Sum(team => team.Team.Agents.Length) * Chosen * _form.Repeats)} agents");

    protected override async Task OnInitializedAsync()
    {
        _choices = TeamChoice.All(Strategies, await Teams.ListAsync());
        var datasets = await Cases.ListAsync();
        await UseAsync(datasets.FirstOrDefault(dataset => dataset.Id == DatasetId) ?? (datasets is [var first, ..] ? first : null));
        _datasets = datasets;
    }

    private Task ChooseDatasetAsync(ChangeEventArgs e) => UseAsync(_datasets!.FirstOrDefault(dataset => dataset.Id.ToString() == e.Value as string));

    private async Task ChooseVersionAsync(ChangeEventArgs e)
    {
        _form.Version = int.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
        await CountAsync();
    }

    private async Task UseAsync(Dataset? dataset)
    {
        _form.Use(dataset);
        (_problem, _offerPublish) = (null, false);
        await CountAsync();
    }

    private async Task CountAsync()
    {
        if (_form.Dataset is not { } dataset)
        {
            return;
        }

        // Without a published version the draft tells what there would be.
        var version = _form.Version ?? dataset.Versions.LastOrDefault()?.Number;
        _facets = await Cases.GetFacetsAsync(dataset.Id, version);
        var query = new CaseQuery { Version = version, Take = 1, Tag = _form.Tag.Length > 0 ? _form.Tag : null, Split = _form.Split.Length > 0 ? _form.Split : null };
        _cases = (await Cases.QueryAsync(dataset.Id, query)).Total;
    }

    private async Task MakeAsync(bool publish)
    {
        _problem = _form.Missing;
        if (_problem is not null || _making)
        {
            return;
        }

        _making = true;
        try
        {
            var experiment = await Service.CreateAsync(_form.Build(publish));
            Navigation.NavigateTo($"experiments/{experiment.Id}");
        }
        catch (ExperimentRefusedException e)
        {
            (_problem, _offerPublish) = (e.Message, e.Refusal == ExperimentRefusal.PublishFirst);
        }
        finally
        {
            _making = false;
        }
    }
}
