using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Cases.Promote;

/// <summary>Keeps a run that is over, or one agent's answer in it, as a case of a dataset's draft.</summary>
public sealed partial class PromoteDialog
{
    private Modal? _modal;
    private Case? _case;
    private int? _agent;
    private IReadOnlyList<Dataset> _datasets = [];
    private CaseFacets _facets = new([], []);
    private ImmutableArray<CaseProblem> _problems = [];
    private (Guid Dataset, string Name, string CaseId, SaveSummary Summary)? _kept;
    private string _into = "", _name = "", _id = "", _split = "", _expected = "";
    private List<string> _tags = [];
    private string? _problem;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] public required ICaseStore Store { get; init; }

    /// <param name="agent">Its index in the run; null for the run's final answer.</param>
    public async Task ShowAsync(Guid runId, int? agent)
    {
        (_case, _agent, _kept, _problem, _problems) = (null, agent, null, null, []);
        try
        {
            var events = new List<RunEvent>();
            await foreach (var e in Runs.ReadAsync(runId, 0, CancellationToken.None))
                events.Add(e);
            _case = agent is { } index ? CasePromotion.FromAgent(events, index) : CasePromotion.FromRun(events);
            _problem = _case is null ? "There is no finished answer to keep." : null;
        }
        catch (KeyNotFoundException)
        {
            _problem = "The run is not here any more.";
        }
        if (_case is { } found)
            await FillAsync(found);
        _modal?.Show();
        StateHasChanged();
    }

    private async Task FillAsync(Case found)
    {
        (_id, _expected, _tags) = (found.Id, found.Expected ?? "", []);
        _datasets = await Store.ListAsync();
        // The dataset last chosen, as long as it is there.
        if (_datasets.All(dataset => dataset.Id.ToString() != _into))
            _into = _datasets is [var only, ..] ? only.Id.ToString() : "";
        await LoadFacetsAsync();
    }

    private async Task LoadFacetsAsync() => _facets = Guid.TryParse(_into, out var id) ? await Store.GetFacetsAsync(id) : new([], []);

    private async Task SaveAsync()
    {
        var @case = CaseRules.Normalise(_case! with { Id = _id, Expected = _expected, Split = _split, Tags = [.. _tags] });
        _problems = CaseRules.FindProblems(@case);
        _problem = null;
        if (!_problems.IsEmpty)
            return;
        try
        {
            if (!Guid.TryParse(_into, out var id))
            {
                var (dataset, created) = await Store.CreateAsync(_name, new CaseBatch([@case]));
                (_into, _kept) = (dataset.Id.ToString(), (dataset.Id, dataset.Name, @case.Id, created));
            }
            else if (await Store.SaveAsync(id, new CaseBatch([@case])) is { } saved)
            {
                _kept = (id, _datasets.First(dataset => dataset.Id == id).Name, @case.Id, saved);
            }
            else
            {
                _problem = "This dataset was deleted meanwhile; choose another.";
            }
        }
        catch (Exception e) when (CaseFault.Explain(e) is { } reason)
        {
            _problem = reason;
        }
    }
}
