using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments;

/// <summary>
/// Runs the cells of running experiments in order, a few at a time. Which run answers a cell is on the disk before the run
/// starts, and a result is kept only while the cell is still ours and still names that run: so a process that dies at any
/// point neither loses an attempt nor counts one twice (docs/experiments.md).
/// </summary>
public sealed partial class ExperimentRunner(
    IExperimentStore store, ICellRuns runs, ExperimentOptions options, TimeProvider time, ILogger<ExperimentRunner> logger) : IAsyncDisposable
{
    /// <summary>How long a cell is ours without a sign of life.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan s_tick = Lease / 3;

    private readonly string _owner = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<long, ActiveCell> _active = new();
    private readonly ConcurrentDictionary<Guid, int> _errorsInARow = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private Task? _loop;

    /// <summary>An experiment's cells or state changed. Raised on any thread, once for each change; readers look as often as they like.</summary>
    public event Action<Guid>? Changed;

    /// <summary>Runs at once.</summary>
    public int Parallel => Math.Clamp(options.Parallel, 1, ExperimentOptions.MostParallel);

    /// <summary>Cells under way here.</summary>
    internal int ActiveCells => _active.Count;

    /// <summary>Begins; what an earlier process left open is taken over first.</summary>
    public void Start()
    {
        _timer = time.CreateTimer(_ => Wake(), null, s_tick, s_tick);
        _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        Wake();
    }

    /// <summary>There may be something to do.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Stops the runs of an experiment that are under way here.</summary>
    public void StopRuns(Guid experiment)
    {
        foreach (var active in _active.Values.Where(active => active.Cell.ExperimentId == experiment))
            runs.Stop(active.Cell.RunId!.Value);
    }

    /// <summary>Tells whoever watches an experiment.</summary>
    internal void Tell(Guid experiment) => Changed?.Invoke(experiment);

    /// <summary>Lets go of everything under way: the next process takes it up. Nothing further is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        _timer?.Dispose();
        if (_loop is not null)
            await _loop;
        var cells = _active.Keys.ToArray();
        await Task.WhenAll(_active.Values.Select(active => active.Work));
        try
        {
            await store.ReleaseAsync(_owner, cells);
        }
        catch (Exception e)
        {
            LogStoreFailed(e);
        }
        _stop.Dispose();
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        var recovered = false;
        var renewed = time.GetTimestamp();
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stop))
            {
                _wake.Reader.TryRead(out _);
                try
                {
                    if (!recovered)
                        await store.RecoverAsync(_owner, stop);
                    recovered = true;
                    if (time.GetElapsedTime(renewed) >= s_tick)
                    {
                        renewed = time.GetTimestamp();
                        await store.RenewAsync(_owner, [.. _active.Keys], time.GetUtcNow() + Lease, stop);
                    }
                    await FillAsync(stop);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The disk may be full, or busy: the next tick tries again.
                    LogStoreFailed(e);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    private async Task FillAsync(CancellationToken stop)
    {
        await FinishAsync(stop);
        while (_active.Count < Parallel && await store.ClaimAsync(_owner, time.GetUtcNow() + Lease, NewRun(), stop) is { } lease)
        {
            var active = new ActiveCell(lease.Cell);
            _active[lease.Cell.Key] = active;
            active.Work = Task.Run(() => WorkAsync(active, lease, stop), CancellationToken.None);
            Tell(lease.Cell.ExperimentId);
        }
    }

    private async Task FinishAsync(CancellationToken stop)
    {
        foreach (var done in await store.FinishAsync(stop))
        {
            _errorsInARow.TryRemove(done, out _);
            Tell(done);
        }
    }

    private async Task WorkAsync(ActiveCell active, CellLease lease, CancellationToken stop)
    {
        try
        {
            if (await AnswerAsync(active, lease, stop) is { } result)
                await KeepAsync(active, result, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return; // still ours, until it is released
        }
        catch (Exception e)
        {
            // The store refused, not the attempt: the lease runs out, and whoever takes the cell over finds its run.
            LogStoreFailed(e);
        }
        // A cell that was cancelled and resumed meanwhile is held by another by now.
        _active.TryRemove(KeyValuePair.Create(active.Cell.Key, active));
        Tell(active.Cell.ExperimentId);
        Wake();
    }

    private async Task<CellResult?> AnswerAsync(ActiveCell active, CellLease lease, CancellationToken stop)
    {
        try
        {
            if (lease.Superseded is { } before)
                await runs.DiscardAsync(before, stop);
            var cell = active.Cell;
            if (await store.FindAsync(cell.ExperimentId, stop) is not { } experiment || await store.GetCaseAsync(cell.ExperimentId, cell.Case, stop) is not { } @case)
                return null; // deleted meanwhile
            return await RunAsync(active, CellAttempt.Request(experiment, cell, @case), lease.TakenOver, stop) is { } events
                ? await CellScoring.ScoreAsync(events, @case, experiment.DefaultAssertions, runs.Scoring, time.GetUtcNow(), stop)
                : null;
        }
        catch (CellRefusedException e)
        {
            return CellScoring.Failed(e.Message, time.GetUtcNow());
        }
        catch (Exception e) when (e is not OperationCanceledException && e.GetBaseException() is not (DbException or IOException))
        {
            LogCellFailed(e, active.Cell.Key);
            return CellScoring.Failed($"Something went wrong in the workbench: {e.GetBaseException().Message}", time.GetUtcNow());
        }
    }

    // A run that was cut off counts no more: it is let go, and the cell is answered anew by another.
    private async Task<IReadOnlyList<RunEvent>?> RunAsync(ActiveCell active, RunRequest request, bool begun, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (!begun)
                await runs.StartAsync(active.Cell.RunId!.Value, request, stop);
            var events = await runs.ReadAsync(active.Cell.RunId!.Value, stop);
            if (events is [.., RunFinished { Outcome: not RunOutcome.Interrupted }])
                return events;
            stop.ThrowIfCancellationRequested();
            await runs.DiscardAsync(active.Cell.RunId.Value, stop);
            var next = NewRun();
            if (!await store.AssignRunAsync(active.Cell, _owner, next, stop))
                return null;
            active.Cell = active.Cell with { RunId = next };
            begun = false;
        }
    }

    private async Task KeepAsync(ActiveCell active, CellResult result, CancellationToken stop)
    {
        var experiment = active.Cell.ExperimentId;
        if (!await store.CompleteAsync(active.Cell, _owner, result, stop))
        {
            LogLost(active.Cell.Key);
            return;
        }
        if (result.Error is not { } error)
        {
            _errorsInARow[experiment] = 0;
            return;
        }
        var inARow = _errorsInARow.AddOrUpdate(experiment, 1, (_, count) => count + 1);
        if (options.PauseAfterErrors == 0 || inARow < options.PauseAfterErrors)
            return;
        _errorsInARow[experiment] = 0;
        var reason = string.Create(CultureInfo.InvariantCulture, $"Paused after {inARow} errors in a row. The last: {error}");
        if (await store.MoveAsync(experiment, [ExperimentState.Running], ExperimentState.Paused, reason, stop))
            LogPaused(experiment, reason);
    }

    private Guid NewRun() => Guid.CreateVersion7(time.GetUtcNow());

    private sealed class ActiveCell(ExperimentCell cell)
    {
        private volatile ExperimentCell _cell = cell;

        public ExperimentCell Cell { get => _cell; set => _cell = value; }
        public Task Work { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Error, "Experiments can't be read or kept at the moment; tried again.")]
    private partial void LogStoreFailed(Exception failure);

    [LoggerMessage(LogLevel.Error, "Cell {Cell} failed.")]
    private partial void LogCellFailed(Exception failure, long cell);

    [LoggerMessage(LogLevel.Information, "Cell {Cell} was no longer ours when its result came; the result was dropped.")]
    private partial void LogLost(long cell);

    [LoggerMessage(LogLevel.Warning, "Experiment {Experiment}: {Reason}")]
    private partial void LogPaused(Guid experiment, string reason);
}
