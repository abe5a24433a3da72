using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Who holds the engine at the moment: each sequence, and each prompt kept for reuse. Asks the node twice a second.</summary>
public sealed partial class SequenceTable : MonitorComponent, IDisposable
{
    /// <summary>More than anyone reads, and a page can still be redrawn twice a second.</summary>
    private const int MaxRows = 100;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<EngineSequence> _rows = [];
    private Dictionary<string, RunSummary> _runs = [];
    private ITimer? _timer;
    private string? _fault;
    private bool _asking;

    [Inject] public required IRunService Runs { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>What is shown stays as it is.</summary>
    [Parameter] public bool Paused { get; set; }

    private string Summary
    {
        get
        {
            var running = _rows.Count(row => row.IsProcessing);
            var kept = _rows.Count(row => row.State == SequenceState.Pinned);
            var waiting = _rows.Count - running - kept;
            return _rows.Count == 0 ? "" : $"{Fmt.Count(running)} running, {Fmt.Count(waiting)} waiting, {Fmt.Count(kept)} {(kept == 1 ? "prompt" : "prompts")} kept";
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _timer = Time.CreateTimer(_ => _ = InvokeAsync(OnTickAsync), null, s_tick, s_tick);
        await ReadAsync();
    }

    private async Task OnTickAsync()
    {
        // An engine in a long step answers after it; meanwhile one question is enough.
        if (!Paused && !_asking && await ReadAsync() && !_gone.IsCancellationRequested)
        {
            StateHasChanged();
        }
    }

    /// <summary>False where nothing has changed. What is shown stays when the node does not answer.</summary>
    private async Task<bool> ReadAsync()
    {
        _asking = true;
        try
        {
            var rows = await Monitor.GetSequencesAsync(_gone.Token);
            if (_fault is null && rows.SequenceEqual(_rows))
            {
                return false;
            }

            (_rows, _fault) = (rows, null);
            _runs = Runs.List().ToDictionary(run => run.RunId.ToString());
            return true;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            var known = _fault is not null;
            _fault = "The engine does not answer; these are the last it told";
            return !known;
        }
        finally
        {
            _asking = false;
        }
    }

    private string RunName(EngineSequence row) =>
        row.Run is null ? "–" : _runs.TryGetValue(row.Run, out var run) ? run.Prompt.Length > 0 ? run.Prompt : run.TeamName : row.Run;

    private string? RunTitle(EngineSequence row) => row.Run is null ? null : $"{RunName(row)}\n{row.Run}";

    /// <summary>Computed of all, while it is being computed.</summary>
    private static string Prompt(EngineSequence row) => row.State == SequenceState.Prefilling
        ? $"{Fmt.Count(Math.Min(row.CachedTokens + row.ProcessedTokens, row.PromptTokens))} / {Fmt.Count(row.PromptTokens)}"
        : Fmt.Count(row.PromptTokens);

    private static string StateName(EngineSequence row) => row.State switch
    {
        SequenceState.Queued => row.IsFollowing ? "follows" : "queued",
        SequenceState.Prefilling => "prefill",
        SequenceState.Decoding => "decode",
        SequenceState.Preempted => "preempted",
        _ => "kept",
    };

    private static string StateTip(EngineSequence row) => row.State switch
    {
        SequenceState.Queued => row.IsFollowing ? "Waits for the beginning of its prompt, which another sequence is computing" : "Waits for its first place",
        SequenceState.Prefilling => "Its prompt is being computed",
        SequenceState.Decoding => "Generates, one token a step",
        SequenceState.Preempted => "Gave its cells to others and waits for a place again",
        _ => "A prompt kept in the KV cache for others to begin from",
    };

    private static string? StateClass(SequenceState state) => state switch
    {
        SequenceState.Decoding => "ok",
        SequenceState.Prefilling => "live",
        SequenceState.Preempted => "warn",
        _ => null,
    };
}
