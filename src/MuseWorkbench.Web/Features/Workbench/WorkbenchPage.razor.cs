using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Cases.Promote;
using MuseWorkbench.Web.Features.Runs;
using MuseWorkbench.Web.Features.Runs.Replay;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.Panels;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Features.Workbench.Viewer;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// Image and question in, agents side by side, one answer out. The address names the run, so that a reload, another tab
/// or a lost connection returns to it; the run itself never knows who watches.
/// </summary>
public sealed partial class WorkbenchPage : IAsyncDisposable
{
    /// <summary>How many runs the first page offers to return to.</summary>
    private const int RecentRuns = 6;

    private readonly ComposerModel _model = new();
    private RunViewModel? _run;
    private ReplayModel? _replay;
    private IReadOnlyList<RunSummary> _recent = [];
    private AgentCalls? _calls;
    private PromoteDialog? _keeping;
    private AgentDeeds? _deeds, _runningDeeds, _readingDeeds;
    private CancellationTokenSource? _following;
    private DotNetObjectReference<WorkbenchPage>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _keys;
    private string _announcement = "";
    private int? _focused;
    private BoxMode _boxes;
    private Guid? _usedTeam;
    private (Guid?, string?, int?) _usedCase;
    private bool _missing, _stopping, _starting, _resuming, _disposed;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] internal RunListing Listing { get; init; } = null!;
    [Inject] public required IImageLibrary Library { get; init; }
    [Inject] public required ITeamStore Teams { get; init; }
    [Inject] public required ICaseStore Cases { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>The run to show; null for a new question.</summary>
    [Parameter] public Guid? RunId { get; set; }

    /// <summary>The kept team to ask with.</summary>
    [SupplyParameterFromQuery(Name = "team")] public Guid? TeamId { get; set; }

    /// <summary>The dataset and the case in it whose question is to be asked, and its version; no version means the draft.</summary>
    [SupplyParameterFromQuery(Name = "dataset")] public Guid? DatasetId { get; set; }
    [SupplyParameterFromQuery(Name = "case")] public string? CaseId { get; set; }
    [SupplyParameterFromQuery(Name = "v")] public int? CaseVersion { get; set; }

    /// <summary>The agent read large, counted from 1, and how places are drawn: what a reload or a link brings back besides the run.</summary>
    [SupplyParameterFromQuery(Name = "agent")] public int? AgentNumber { get; set; }
    [SupplyParameterFromQuery(Name = "boxes")] public string? Boxes { get; set; }

    /// <summary>The agent read large, once it is there.</summary>
    private int? Focused => _focused < Shown?.Agents.Length ? _focused : null;

    /// <summary>The run, or a moment of its replay.</summary>
    private RunViewModel? Shown => _replay?.View ?? _run;

    private string Title => _run switch
    {
        { IsRunning: true } => "Contemplating… · Muse Workbench",
        { Final.Answer: { Length: > 0 } answer } => $"{Text.Shorten(StructuredAnswerReader.Brief(answer), 40)} · Muse Workbench",
        _ => "Muse Workbench",
    };

    [JSInvokable]
    public async Task RunAsync()
    {
        if (_starting || _run is { IsRunning: true })
        {
            return;
        }

        _model.Notice = _model.Problem();
        if (_model.Notice is null)
        {
            _starting = true;
            try
            {
                var runId = await Runs.StartAsync(_model.Build(), CancellationToken.None);
                Navigation.NavigateTo($"runs/{runId}");
            }
            catch (RunRejectedException e)
            {
                _model.Notice = e.Message;
            }
            finally
            {
                _starting = false;
            }
        }

        StateHasChanged();
    }

    [JSInvokable]
    public void Stop()
    {
        if (_run is { IsRunning: true } && !_stopping)
        {
            _stopping = Runs.Stop(_run.RunId);
            StateHasChanged();
        }
    }

    /// <summary>Shows one agent large (its index from 0), or all with null.</summary>
    [JSInvokable]
    public Task Focus(int? agent)
    {
        _focused = agent is { } index && index >= 0 && index < _run?.Agents.Length ? index : null;
        StateHasChanged();
        return KeepViewAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _following?.Cancel();
        try
        {
            if (_keys is not null)
            {
                await _keys.InvokeVoidAsync("dispose");
                await _keys.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }

        _self?.Dispose();
    }

    protected override void OnInitialized()
    {
        _boxes = Enum.TryParse<BoxMode>(Boxes, ignoreCase: true, out var boxes) && Enum.IsDefined(boxes) ? boxes : default;
        // Made once: panels render again when these change.
        _readingDeeds = new AgentDeeds { Raw = EventCallback.Factory.Create<int>(this, ShowCallsAsync) };
        _deeds = _readingDeeds with { Rerun = EventCallback.Factory.Create<int>(this, RerunAsync), Keep = EventCallback.Factory.Create<int>(this, agent => KeepAsync(agent)) };
        _runningDeeds = _readingDeeds with { Rerun = _deeds.Rerun, AnswerNow = EventCallback.Factory.Create<int>(this, agent => AnswerNow(agent)) };
    }

    protected override async Task OnParametersSetAsync()
    {
        if (RunId is { } runId)
        {
            if (_run?.RunId != runId)
            {
                Follow(runId);
            }
        }
        else
        {
            _following?.Cancel();
            (_run, _replay, _missing, _focused, _stopping) = (null, null, false, null, false);
            _recent = await Listing.ListAsync(RecentRuns, CancellationToken.None);
            await UseTeamAsync();
            await UseCaseAsync();
        }
    }

    private async Task UseCaseAsync()
    {
        if (DatasetId is not { } dataset || CaseId is not { } id || _usedCase == (DatasetId, CaseId, CaseVersion))
        {
            return;
        }

        _usedCase = (DatasetId, CaseId, CaseVersion);
        if (await Cases.GetAsync(dataset, id, CaseVersion) is { } @case)
        {
            _model.Use(@case);
        }
        else
        {
            _model.Notice = "The case of this address is not here any more.";
        }
    }

    private async Task UseTeamAsync()
    {
        if (TeamId is { } id && id != _usedTeam)
        {
            _usedTeam = id;
            if (await Teams.FindAsync(id) is { } team)
            {
                _model.Use(team.Latest.Spec);
            }
            else
            {
                _model.Notice = "The team of this address is not here any more.";
            }
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Workbench/WorkbenchPage.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            _keys = await _module.InvokeAsync<IJSObjectReference>("attach", _self);
            // What was chosen while the script was on its way.
            await KeepViewAsync();
        }
    }

    private Task DrawAsync(BoxMode boxes)
    {
        _boxes = boxes;
        return KeepViewAsync();
    }

    /// <summary>Has the address say what is looked at.</summary>
    private async Task KeepViewAsync()
    {
        try
        {
            if (_module is not null && _run is not null)
            {
                await _module.InvokeVoidAsync("keepView", _focused + 1, _boxes == default ? null : _boxes.ToString().ToLowerInvariant());
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }

    private void Follow(Guid runId)
    {
        _following?.Cancel();
        _following = new CancellationTokenSource();
        var run = new RunViewModel(runId);
        (_run, _replay, _missing, _focused, _stopping) = (run, null, false, AgentNumber is > 0 ? AgentNumber - 1 : null, false);
        _ = FollowAsync(run, _following.Token);
        _ = KeepViewAsync();
    }

    private async Task FollowAsync(RunViewModel run, CancellationToken cancellationToken)
    {
        try
        {
            await new RunFollower(Runs, Time).FollowAsync(run.RunId, run.LastSeq, batch => InvokeAsync(() => Show(run, batch)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Another run is shown now, or none.
        }
        catch (KeyNotFoundException)
        {
            await InvokeAsync(() =>
            {
                _missing = _run == run;
                _run = _missing ? null : _run;
                StateHasChanged();
            });
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    /// <summary>Folds a batch in and renders once: panels that did not change are skipped.</summary>
    private void Show(RunViewModel run, IReadOnlyList<RunEvent> batch)
    {
        if (_run != run || _disposed)
        {
            return;
        }

        foreach (var e in batch)
        {
            run.Apply(e);
            if (e is RunStarted started && _model.Images.Count == 0 && _model.Prompt.Length == 0)
            {
                _model.Use(started.Request);
            }
        }

        // A listener hears the latest; the vote's steps are on the page.
        if (run.TakeAnnouncements() is { Count: > 0 } said)
        {
            _announcement = string.Join(" ", said.TakeLast(3));
        }

        _stopping &= run.IsRunning;
        StateHasChanged();
    }

    private async Task ReplayAsync()
    {
        if (_run is not { } run)
        {
            return;
        }

        var events = new List<RunEvent>();
        await foreach (var e in Runs.ReadAsync(run.RunId, 0, CancellationToken.None))
        {
            events.Add(e);
        }

        if (_run == run && events.Count > 0)
        {
            _replay = new ReplayModel(events);
            _replay.Play();
        }
    }

    private async Task ResumeAsync()
    {
        if (_run is not { IsRunning: false } run || _resuming)
        {
            return;
        }

        _resuming = true;
        try
        {
            await Runs.ResumeAsync(run.RunId);
            if (_run == run)
            {
                _replay = null;
                _following = new CancellationTokenSource();
                _ = FollowAsync(run, _following.Token);
            }
        }
        catch (RunRejectedException e)
        {
            _model.Notice = e.Message;
        }
        finally
        {
            _resuming = false;
        }
    }

    private void StopAgent(int agent)
    {
        if (_run is { } run)
        {
            Runs.StopAgent(run.RunId, agent);
        }
    }

    private void AnswerNow(int? agent)
    {
        if (_run is { } run)
        {
            Runs.AnswerNow(run.RunId, agent);
        }
    }

    private Task ShowCallsAsync(int agent) =>
        Shown is { } run && agent < run.Agents.Length && _calls is not null ? _calls.ShowAsync(run.RunId, run.Agents[agent]) : Task.CompletedTask;

    /// <summary>Offers the run, or one agent's answer in it, as a case.</summary>
    private Task KeepAsync(int? agent) => _run is { IsRunning: false } run && _keeping is not null ? _keeping.ShowAsync(run.RunId, agent) : Task.CompletedTask;

    private async Task RerunAsync(int agent)
    {
        if (_run is not { } run || _starting)
        {
            return;
        }

        _starting = true;
        try
        {
            Navigation.NavigateTo($"runs/{await Runs.RerunAgentAsync(run.RunId, agent)}");
        }
        catch (RunRejectedException e)
        {
            _model.Notice = e.Message;
        }
        finally
        {
            _starting = false;
        }
    }

    private void UseSample(SampleScene sample) => _model.Use(sample);
}
