using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Course;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Experiments.Findings;

/// <summary>One case, two teams: answers, places, scores and the words they differ in.</summary>
public sealed partial class HeadToHeadPage
{
    private readonly Side[] _sides = [new(), new()];
    private Experiment? _experiment;
    private Case? _case;
    private int _repeat;
    private bool _missing;

    [Inject] public required IExperimentStore Store { get; init; }
    [Inject] public required IRunService Runs { get; init; }
    [Parameter] public Guid Id { get; set; }
    [Parameter] public int Index { get; set; }

    private IReadOnlyList<DiffPiece> Differences => _sides is [{ Run.Final.Answer: { } left }, { Run.Final.Answer: { } right }] && left != right
        ? DiffPiece.Between(left, right)
        : [];

    protected override async Task OnParametersSetAsync()
    {
        _experiment = await Store.FindAsync(Id);
        _case = _experiment is null ? null : await Store.GetCaseAsync(Id, Index);
        _missing = _case is null;
        if (_experiment is { } experiment)
        {
            (_sides[0].Team, _sides[1].Team) = (Math.Min(_sides[0].Team, experiment.Teams.Length - 1), Math.Min(_sides[1].Team == 0 ? 1 : _sides[1].Team, experiment.Teams.Length - 1));
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var row = (await Store.QueryAsync(Id, new MatrixQuery { Skip = Index, Take = 1 })).Rows.FirstOrDefault();
        foreach (var side in _sides)
        {
            side.Cell = row?.Cells.FirstOrDefault(cell => cell.Team == side.Team && cell.Repeat == _repeat);
            side.Run = side.Cell is { State: CellState.Done or CellState.Error, RunId: { } run } ? await ReadAsync(run) : null;
        }
    }

    private async Task<RunViewModel?> ReadAsync(Guid run)
    {
        if (!await Runs.ExistsAsync(run))
        {
            return null;
        }

        var view = new RunViewModel(run);
        await foreach (var e in Runs.ReadAsync(run, 0, CancellationToken.None))
        {
            view.Apply(e);
        }

        return view.Agents.IsEmpty ? null : view;
    }

    private Task PickAsync(int side, ChangeEventArgs e)
    {
        _sides[side].Team = int.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var team) && team < _experiment!.Teams.Length ? team : 0;
        return LoadAsync();
    }

    private Task PickRepeatAsync(ChangeEventArgs e)
    {
        _repeat = int.TryParse(e.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var repeat) ? repeat : 0;
        return LoadAsync();
    }

    private string To(int index) => string.Create(CultureInfo.InvariantCulture, $"experiments/{Id}/cases/{Math.Clamp(index, 0, Math.Max(0, (_experiment?.Cases ?? 1) - 1))}");

    private sealed class Side
    {
        public int Team { get; set; }
        public ExperimentCell? Cell { get; set; }
        public RunViewModel? Run { get; set; }
    }
}
