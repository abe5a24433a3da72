using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Teams;
using MuseWorkbench.Web.Features.Workbench;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>
/// One question asked of several teams at the same time, their answers side by side, and votes that rank them. The address
/// names the runs, in the order shown; they are runs like any other.
/// </summary>
public sealed partial class ArenaPage : IAsyncDisposable
{
    private readonly ComposerModel _model = new();
    private readonly List<TeamChoice> _chosen = [];
    private ImmutableArray<TeamChoice> _choices = [];
    private Arena? _arena;
    private IReadOnlyList<ArenaVote> _votes = [];
    private CancellationTokenSource? _following;
    private DotNetObjectReference<ArenaPage>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _keys;
    private string? _shown, _notice;
    private string _said = "";
    private bool _blind, _missing, _starting, _reopened, _disposed;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] public required IImageLibrary Library { get; init; }
    [Inject] public required ITeamStore Teams { get; init; }
    [Inject] public required StrategyCatalogue Strategies { get; init; }
    [Inject] internal VoteFolder Votes { get; init; } = null!;
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    /// <summary>The runs shown, ids with commas between; null for a new comparison.</summary>
    [SupplyParameterFromQuery(Name = "runs")] public string? RunIds { get; set; }

    /// <summary>Whether their names are hidden until the vote.</summary>
    [SupplyParameterFromQuery(Name = "blind")] public bool Blind { get; set; }

    private bool IsRunning => _starting || _arena is { IsRunning: true };

    private string Title => _arena is { IsRunning: true } ? "Comparing…" : "Compare teams";

    [JSInvokable]
    public async Task RunAsync()
    {
        if (IsRunning)
        {
            return;
        }

        _notice = _model.Problem() ?? (_chosen.Select(choice => TeamHash.Of(choice.Team)).Distinct().Count() < _chosen.Count ? "Choose teams that differ." : null);
        if (_notice is null)
        {
            _starting = true;
            StateHasChanged();
            var started = new List<Guid>();
            try
            {
                TeamSpec[] teams = [.. _chosen.Select(choice => choice.Team)];
                if (_blind)
                {
                    Random.Shared.Shuffle(teams);
                }

                foreach (var team in teams)
                {
                    started.Add(await Runs.StartAsync(_model.Build() with { Team = team }));
                }

                Navigation.NavigateTo($"compare?runs={string.Join(',', started)}{(_blind ? "&blind=true" : "")}");
            }
            catch (RunRejectedException e)
            {
                started.ForEach(run => Runs.Stop(run));
                _notice = e.Message;
            }
            finally
            {
                _starting = false;
            }
        }

        StateHasChanged();
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

    protected override async Task OnInitializedAsync()
    {
        _choices = TeamChoice.All(Strategies, await Teams.ListAsync());
        _chosen.AddRange(_choices.Where(choice => choice.Key is "preset:One" or "preset:Eight"));
        _votes = await Votes.ListAsync();
    }

    protected override void OnParametersSet()
    {
        var asked = $"{RunIds} {Blind}";
        if (asked == _shown)
        {
            return;
        }

        _shown = asked;
        _following?.Cancel();
        Guid[] runs = [.. (RunIds ?? "").Split(',').Select(id => Guid.TryParse(id, out var run) ? run : Guid.Empty).Where(run => run != Guid.Empty).Distinct()];
        (_arena, _missing) = (null, RunIds is not null && runs.Length < Arena.MinTeams);
        if (runs.Length >= Arena.MinTeams)
        {
            _blind = Blind;
            _following = new CancellationTokenSource();
            _arena = new Arena(runs, Blind);
            foreach (var contender in _arena.Contenders)
            {
                _ = FollowAsync(_arena, contender, _following.Token);
            }
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Compare/ArenaPage.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            _keys = await _module.InvokeAsync<IJSObjectReference>("attach", _self);
        }
    }

    private async Task FollowAsync(Arena arena, Contender contender, CancellationToken cancellationToken)
    {
        try
        {
            await new RunFollower(Runs, Time).FollowAsync(contender.Run.RunId, 0, batch => InvokeAsync(() => ShowAsync(arena, contender, batch)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Another comparison is shown now, or none.
        }
        catch (KeyNotFoundException)
        {
            await InvokeAsync(() =>
            {
                _missing |= _arena == arena;
                StateHasChanged();
            });
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task ShowAsync(Arena arena, Contender contender, IReadOnlyList<RunEvent> batch)
    {
        if (_arena != arena || _disposed)
        {
            return;
        }

        foreach (var e in batch)
        {
            contender.Run.Apply(e);
            if (e is RunStarted started && _model.Images.Count == 0 && _model.Prompt.Length == 0)
            {
                _model.Use(started.Request);
                _reopened = true;
            }
        }

        if (_reopened && arena.Contenders.All(one => one.Team is not null))
        {
            _reopened = false;
            UseTeamsOf(arena);
        }

        if (!arena.IsRunning && arena.Vote is null)
        {
            arena.Take(await Votes.FindAsync(arena.Contenders.Select(one => one.Run.RunId)));
            _said = arena.Summary;
        }

        StateHasChanged();
    }

    /// <summary>Opened by its address: the teams to choose from are those that were asked, in the list's order, which tells nothing of who is who.</summary>
    private void UseTeamsOf(Arena arena)
    {
        var asked = arena.Contenders.Select(contender => contender.Hash).ToHashSet();
        var known = _choices.Where(choice => asked.Remove(TeamHash.Of(choice.Team))).ToArray();
        TeamChoice[] others = [.. arena.Contenders.Where(contender => asked.Contains(contender.Hash)).DistinctBy(contender => contender.Hash)
            .OrderBy(contender => contender.Hash, StringComparer.Ordinal).Select(contender => new TeamChoice("run:" + contender.Hash, "This comparison", contender.Team!))];
        _choices = [.. _choices, .. others];
        _chosen.Clear();
        _chosen.AddRange([.. known, .. others]);
    }

    private void Stop()
    {
        foreach (var contender in _arena?.Contenders ?? [])
        {
            Runs.Stop(contender.Run.RunId);
        }
    }

    private void Choose(int index, ChangeEventArgs e) => _chosen[index] = _choices.FirstOrDefault(choice => choice.Key == e.Value as string) ?? _chosen[index];

    private void AddTeam() => _chosen.Add(_choices.FirstOrDefault(choice => !_chosen.Contains(choice)) ?? _choices[0]);

    private async Task VoteAsync((ArenaVerdict Verdict, int? Winner) said)
    {
        if (_arena is not { Vote: null, Problem: null } arena)
        {
            return;
        }

        var vote = arena.Cast(said.Verdict, said.Winner, Time.GetUtcNow());
        try
        {
            await Votes.AddAsync(vote);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notice = $"The vote could not be kept: {e.Message}";
            return;
        }

        arena.Take(vote);
        (_votes, _notice) = (await Votes.ListAsync(), null);
        _said = "Vote kept.";
    }

    private async Task UndoAsync()
    {
        if (_arena is { Vote: { } vote } arena)
        {
            await Votes.RemoveAsync(vote.Id);
            arena.Take(null);
            _votes = await Votes.ListAsync();
            _said = "Vote taken back.";
        }
    }
}
