using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Web.Features.Teams;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>Sweeps there are, and a new one: what it will take before it takes anything.</summary>
public sealed partial class TradeoffsPage : IDisposable
{
    private readonly TradeoffForm _form = new();
    private IReadOnlyList<Dataset>? _datasets;
    private IReadOnlyList<Sweep>? _sweeps;
    private ImmutableArray<TeamChoice> _choices = [];
    private string? _problem;
    private int _cases;
    private bool _making;

    [Inject] public required ICaseStore Cases { get; init; }
    [Inject] public required ITeamStore Teams { get; init; }
    [Inject] public required StrategyCatalogue Strategies { get; init; }
    [Inject] public required ISweepStore Store { get; init; }
    [Inject] public required SweepRunner Runner { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    public void Dispose() => Runner.Changed -= OnChanged;

    protected override async Task OnInitializedAsync()
    {
        Runner.Changed += OnChanged;
        _choices = TeamChoice.All(Strategies, await Teams.ListAsync());
        _form.Team = _choices.FirstOrDefault(choice => choice.Key == "strategy:self-consistency") ?? _choices.FirstOrDefault();
        _sweeps = await Store.ListAsync();
        var datasets = (await Cases.ListAsync()).Where(dataset => dataset.DraftCases > 0 || dataset.Versions.Length > 0).ToArray();
        await UseAsync(datasets.FirstOrDefault());
        _datasets = datasets;
    }

    private void OnChanged(Guid sweep) => _ = InvokeAsync(async () =>
    {
        _sweeps = await Store.ListAsync();
        StateHasChanged();
    });

    private Task ChooseDatasetAsync(ChangeEventArgs e) => UseAsync(_datasets!.FirstOrDefault(dataset => dataset.Id.ToString() == e.Value as string));

    private void ChooseTeam(ChangeEventArgs e) => _form.Team = _choices.FirstOrDefault(choice => choice.Key == e.Value as string) ?? _form.Team;

    private async Task UseAsync(Dataset? dataset)
    {
        (_form.Dataset, _problem) = (dataset, null);
        _cases = dataset is null ? 0 : (await Cases.QueryAsync(dataset.Id, new CaseQuery { Take = 1 })).Total;
    }

    private async Task MakeAsync()
    {
        if (_form.Dataset is not { } dataset || _form.Team is null || _making)
        {
            return;
        }

        _making = true;
        try
        {
            var first = _form.First is > 0 and var most ? Math.Min(most, SweepLimits.Cases) : SweepLimits.Cases;
            var cases = ImmutableArray.CreateBuilder<Case>();
            await foreach (var @case in Cases.ReadAsync(dataset.Id))
            {
                if (cases.Count == first)
                {
                    break;
                }

                cases.Add(@case);
            }

            var sweep = await Runner.CreateAsync(_form.Build(cases.ToImmutable()));
            Navigation.NavigateTo($"experiments/tradeoffs/{sweep.Id}");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            _problem = e.Message;
        }
        finally
        {
            _making = false;
        }
    }
}
