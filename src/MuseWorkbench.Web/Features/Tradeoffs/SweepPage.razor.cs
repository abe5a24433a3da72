using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Experiments;
using MuseWorkbench.Web.Features.Runs.List;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>One sweep: how far it is, and what its settings cost and give.</summary>
public sealed partial class SweepPage : IDisposable
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(300);

    private Sweep? _sweep;
    private ImmutableArray<SweepPoint> _fast = [], _right = [];
    private ITimer? _timer;
    private int _due;
    private bool _missing, _deleting;

    [Inject] public required ISweepStore Store { get; init; }
    [Inject] public required SweepRunner Runner { get; init; }
    [Inject] public required INodeMonitor Engine { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    [Parameter] public Guid Id { get; set; }

    private SweepSetting? Next => _sweep?.Points.FirstOrDefault(point => point.Figures is null)?.Setting;

    /// <summary>How long the rest will take at the pace so far, with more agents counted as more work.</summary>
    private string? Left
    {
        get
        {
            if (_sweep is not { State: SweepState.Running } sweep)
            {
                return null;
            }

            var measured = sweep.Points.Where(point => point.Figures is { RunsPerMinute: > 0 }).ToArray();
            var work = measured.Sum(point => point.Setting.Agents * sweep.Cases.Length);
            var minutes = measured.Sum(point => point.Figures!.Runs / point.Figures.RunsPerMinute);
            return work == 0 ? null : ExperimentText.Remaining(TimeSpan.FromMinutes(
                minutes / work * sweep.Points.Where(point => point.Figures is null).Sum(point => point.Setting.Agents * sweep.Cases.Length)));
        }
    }

    public void Dispose()
    {
        Runner.Changed -= OnChanged;
        _timer?.Dispose();
    }

    protected override void OnInitialized()
    {
        _timer = Time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _due, 0);
                _ = InvokeAsync(async () =>
                {
                    await ReadAsync();
                    StateHasChanged();
                });
            }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Runner.Changed += OnChanged;
    }

    protected override Task OnParametersSetAsync()
    {
        _deleting = false;
        return ReadAsync();
    }

    // Runs end many times a second: the page is drawn anew a few times at most.
    private void OnChanged(Guid sweep)
    {
        if (sweep == Id && Interlocked.Exchange(ref _due, 1) == 0)
        {
            _timer?.Change(s_least, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ReadAsync()
    {
        _sweep = await Store.FindAsync(Id);
        _missing = _sweep is null;
        if (_sweep is { } sweep)
        {
            _fast = SweepFindings.Front(sweep.Points, figures => figures.RunsPerMinute);
            _right = SweepFindings.Front(sweep.Points, figures => figures.Accuracy?.Value);
        }
    }

    private async Task DeleteAsync()
    {
        if (!_deleting)
        {
            _deleting = true;
            return;
        }

        await Runner.DeleteAsync(Id);
        Navigation.NavigateTo("experiments/tradeoffs");
    }

    private string Address(SweepSetting setting) => RunListAddress.Write(new RunQuery { Experiment = Id, Team = SweepTeam.NameOf(_sweep!.Team, setting) });

    private string Cells(SweepFigures figures) => figures.KvCellsPerRun is not { } cells ? "–"
        : Engine.Latest is { } now && now.Kv.Capacity > 0 ? $"{Fmt.Rate(cells)} · {Fmt.Bytes((long)(cells * now.Memory.Kv / now.Kv.Capacity))}"
        : Fmt.Rate(cells);

    private static string Tip(SweepPoint point) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ExperimentText.Many(point.Setting.Agents, "agent")}, {point.Setting.Tokens:N0} tokens, {point.Setting.Concurrency} at once: p95 {Fmt.Ms(point.Figures!.P95Ms)}, {Fmt.Rate(point.Figures.RunsPerMinute)} runs a minute{(point.Figures.Accuracy is { } share ? $", {ExperimentText.Score(share.Value)} right" : "")}");
}
