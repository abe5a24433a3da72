using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Curation.Tradeoffs;

/// <summary>
/// Measures sweeps in the background: one at a time, setting by setting, so that settings don't disturb each other. What was
/// measured is kept; a setting that was cut off is measured anew, and its runs so far are let go. Thread-safe.
/// </summary>
public sealed partial class SweepRunner(ISweepStore store, ICellRuns runs, TimeProvider time, ILogger<SweepRunner> logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_tryAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task? _loop;
    private ITimer? _retry;
    private volatile Work? _work;
    private Guid _warm;

    /// <summary>A sweep changed or went on. Raised on any thread.</summary>
    public event Action<Guid>? Changed;

    /// <summary>Begins; sweeps that an earlier process left running go on.</summary>
    public void Start()
    {
        _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        _retry = time.CreateTimer(_ => _wake.Writer.TryWrite(true), null, s_tryAgain, s_tryAgain);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Runs of the setting that is being measured: those over, and all of them; null where the sweep is not at work.</summary>
    public (int Done, int Total)? ProgressOf(Guid sweep) => _work is { } work && work.Sweep == sweep ? (work.Done, work.Total) : null;

    /// <exception cref="ArgumentException">It can't be run; the message is for the user.</exception>
    public async Task<Sweep> CreateAsync(SweepPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Fault(runs.Fault) is { } fault)
            throw new ArgumentException(fault);
        var sweep = new Sweep
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()), CreatedAt = time.GetUtcNow(), DatasetName = plan.DatasetName, Team = plan.Team, Cases = plan.Cases,
            Points = [.. plan.Settings.Select(setting => new SweepPoint(setting))], TargetMs = plan.TargetMs,
        };
        await store.SaveAsync(sweep, cancellationToken);
        Tell(sweep.Id);
        return sweep;
    }

    /// <summary>Stops one; what was measured stays.</summary>
    public Task StopAsync(Guid id, CancellationToken cancellationToken = default) => MoveAsync(id, SweepState.Running, SweepState.Stopped, cancellationToken);

    /// <summary>Goes on with what is missing.</summary>
    public Task ResumeAsync(Guid id, CancellationToken cancellationToken = default) => MoveAsync(id, SweepState.Stopped, SweepState.Running, cancellationToken);

    /// <summary>Forgets one; its runs stay.</summary>
    public async Task DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await StopAsync(id, cancellationToken);
        await store.DeleteAsync(id, cancellationToken);
        Tell(id);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        if (_retry is not null)
            await _retry.DisposeAsync();
        if (_loop is not null)
            await _loop;
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task MoveAsync(Guid id, SweepState from, SweepState to, CancellationToken cancellationToken)
    {
        await ChangeAsync(id, sweep => sweep.State == from ? sweep with { State = to, Reason = null } : null, cancellationToken);
        if (to == SweepState.Stopped && _work is { } work && work.Sweep == id)
            await work.Cancel.CancelAsync();
    }

    private async Task<bool> ChangeAsync(Guid id, Func<Sweep, Sweep?> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (await store.FindAsync(id, cancellationToken) is not { } sweep || change(sweep) is not { } changed)
                return false;
            await store.SaveAsync(changed, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
        Tell(id);
        return true;
    }

    private void Tell(Guid id)
    {
        Changed?.Invoke(id);
        _wake.Writer.TryWrite(true);
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stop))
            {
                _wake.Reader.TryRead(out _);
                try
                {
                    while (await NextAsync(stop) is { } next)
                        await MeasureAsync(next, stop);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The disk may be full: the next tick tries again.
                    LogFailed(e);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    private async Task<Sweep?> NextAsync(CancellationToken stop) => (await store.ListAsync(stop)).LastOrDefault(sweep => sweep.State == SweepState.Running);

    private async Task MeasureAsync(Sweep sweep, CancellationToken stop)
    {
        if (sweep.Points.FirstOrDefault(point => point.Figures is null) is not { } next)
        {
            await ChangeAsync(sweep.Id, now => now with { State = SweepState.Done }, stop);
            return;
        }
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var work = _work = new Work(sweep.Id, sweep.Cases.Length, cancel);
        try
        {
            // It may have been stopped while it was being taken up.
            if (await store.FindAsync(sweep.Id, stop) is not { State: SweepState.Running })
                return;
            Changed?.Invoke(sweep.Id);
            if (_warm != sweep.Id)
                await WarmUpAsync(sweep, next.Setting, cancel.Token);
            _warm = sweep.Id;
            var (figures, problem) = await MeasureAsync(sweep, next.Setting, work, cancel.Token);
            // An engine that answers nothing would make a sweep of errors.
            await ChangeAsync(sweep.Id, now => problem is null
                ? now with { Points = [.. now.Points.Select(point => point.Setting == next.Setting ? point with { Figures = figures } : point)] }
                : now with { State = SweepState.Stopped, Reason = problem }, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Stopped by the user.
        }
        finally
        {
            _work = null;
        }
    }

    // What comes first would pay for all: images are looked at for the first time, code is compiled.
    private async Task WarmUpAsync(Sweep sweep, SweepSetting setting, CancellationToken stop)
    {
        foreach (var id in (await AskAsync(sweep, setting with { Concurrency = 1 }, () => { }, stop)).Select(run => run.Id))
            await runs.DiscardAsync(id, CancellationToken.None);
    }

    private async Task<(SweepFigures Figures, string? Problem)> MeasureAsync(Sweep sweep, SweepSetting setting, Work work, CancellationToken stop)
    {
        var begun = time.GetTimestamp();
        var ended = await AskAsync(sweep, setting, () =>
        {
            work.Advance();
            Changed?.Invoke(sweep.Id);
        }, stop);
        // Scoring may ask a model: it begins when the clock has stopped.
        var elapsed = time.GetElapsedTime(begun);
        var results = new List<(CellResult Result, IReadOnlyList<RunEvent> Events)>();
        foreach (var (_, @case, events, refused) in ended)
        {
            var result = refused is not null ? CellScoring.Failed(refused, time.GetUtcNow()) : await CellScoring.ScoreAsync(events, @case, [], runs.Scoring, time.GetUtcNow(), stop);
            results.Add((result, events));
        }
        return (SweepMeasure.Of(results, setting, elapsed), results.All(r => r.Events is not [.., RunFinished { Outcome: RunOutcome.Completed }])
            ? $"No run of a setting came to its end. {results[0].Result.Error}" : null);
    }

    /// <summary>Asks every case, so many at once. Where that is cut short, no run of it is left.</summary>
    private async Task<IReadOnlyCollection<(Guid Id, Case Case, IReadOnlyList<RunEvent> Events, string? Refused)>> AskAsync(
        Sweep sweep, SweepSetting setting, Action oneEnded, CancellationToken stop)
    {
        var team = SweepTeam.Of(sweep.Team, setting);
        var ended = new ConcurrentBag<(Guid, Case, IReadOnlyList<RunEvent>, string?)>();
        var started = new ConcurrentDictionary<Guid, bool>();
        try
        {
            await Parallel.ForEachAsync(sweep.Cases.Index(), new ParallelOptions { MaxDegreeOfParallelism = setting.Concurrency, CancellationToken = stop }, async (entry, token) =>
            {
                var id = Guid.CreateVersion7(time.GetUtcNow());
                try
                {
                    started[id] = true;
                    await runs.StartAsync(id, CellAttempt.Request(sweep.Id, team, entry.Item, CellAttempt.Seed(0, entry.Index, 0)), token);
                    ended.Add((id, entry.Item, await runs.ReadAsync(id, token), null));
                }
                catch (CellRefusedException e)
                {
                    ended.Add((id, entry.Item, [], e.Message));
                }
                oneEnded();
            });
            return ended;
        }
        catch (OperationCanceledException)
        {
            foreach (var id in started.Keys)
            {
                runs.Stop(id);
                await runs.DiscardAsync(id, CancellationToken.None);
            }
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A sweep could not go on; it is tried again.")]
    private partial void LogFailed(Exception reason);

    private sealed class Work(Guid sweep, int total, CancellationTokenSource cancel)
    {
        private int _done;

        public Guid Sweep => sweep;
        public int Total => total;
        public int Done => Volatile.Read(ref _done);
        public CancellationTokenSource Cancel => cancel;

        public void Advance() => Interlocked.Increment(ref _done);
    }
}
