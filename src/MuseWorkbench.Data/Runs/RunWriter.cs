using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Runs;

/// <summary>
/// The one writer: what all runs said since the last commit goes to the disk in one transaction (group commit), so its
/// cost does not grow with the agents. Events wait in their runs, never here; each run stands in the queue at most once.
/// </summary>
internal sealed partial class RunWriter : IAsyncDisposable
{
    /// <summary>How long a commit waits for company. Pages show at most twenty frames a second.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    /// <summary>How long after a failure the disk is tried again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly RunDatabase _database;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<IUnsavedEvents> _queue = Channel.CreateUnbounded<IUnsavedEvents>(new() { SingleReader = true });
    private readonly HashSet<IUnsavedEvents> _waiting = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _writing;
    private volatile string? _problem;

    public RunWriter(RunDatabase database, TimeProvider time, ILogger logger)
    {
        (_database, _time, _logger) = (database, time, logger);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Why events can't be saved at the moment; null while they are.</summary>
    public string? Problem => _problem;

    /// <summary>Raised after <see cref="Problem"/> changed.</summary>
    public event Action? ProblemChanged;

    public void Notify(IUnsavedEvents run)
    {
        // Tried again with the others; nobody waits for a disk that is known to refuse.
        if (!_queue.Writer.TryWrite(run) || _problem is not null)
            run.NotSaved();
    }

    /// <summary>Writes what is left, then ends. The container asks once for each service it is known as.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete())
            return;
        await _closing.CancelAsync();
        await _writing;
        _closing.Dispose();
    }

    private async Task WriteAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            await PauseAsync(Linger);
            await SaveWaitingAsync();
            while (_waiting.Count > 0 && !_closing.IsCancellationRequested)
            {
                await PauseAsync(RetryAfter);
                await SaveWaitingAsync();
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing: at once, then.
        }
    }

    private async Task SaveWaitingAsync()
    {
        while (_queue.Reader.TryRead(out var run))
            _waiting.Add(run);
        Batch[] batches = [.. _waiting.Select(run => new Batch(run, run.TakeUnsaved()))];
        var failure = await TrySaveAsync(batches, mayBeThere: _problem is not null);
        if (failure is not null && (batches.Length > 1 || _database.Worker is not null))
        {
            // One run that can't be saved, or is another workbench's by now, must not keep the others from it.
            failure = null;
            foreach (var batch in batches)
                failure = await TrySaveAsync([batch], mayBeThere: true) ?? failure;
        }
        // Known before anything is shown that is not saved.
        Report(failure);
        foreach (var run in _waiting)
            run.NotSaved();
    }

    /// <param name="mayBeThere">It has been tried, and may have come through though it failed.</param>
    private async Task<Exception?> TrySaveAsync(Batch[] batches, bool mayBeThere)
    {
        try
        {
            await CommitAsync(batches, mayBeThere);
            foreach (var (run, events) in batches)
            {
                _waiting.Remove(run);
                if (events.Count > 0)
                    run.Saved(events[^1].Seq);
            }
            return null;
        }
        catch (RunTakenOverException) when (batches is [var only])
        {
            // This workbench was thought dead, and another one ended the run: what is said here counts no more.
            _waiting.Remove(only.Run);
            only.Run.NotSaved();
            LogTakenOver(only.Run.RunId);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private async Task CommitAsync(Batch[] batches, bool mayBeThere)
    {
        await using var context = _database.CreateContext();
        foreach (var (_, events) in batches)
        {
            if (events.Count > 0)
                await AddAsync(context, events, mayBeThere, _database.Worker, CancellationToken.None);
        }
        await context.SaveChangesAsync();
        await _database.TellAsync(context, batches.Where(batch => batch.Events.Count > 0).Select(batch => batch.Run.RunId), CancellationToken.None);
    }

    /// <summary>Adds events of one run, and what they change of its row, to a context.</summary>
    /// <param name="mayBeThere">A commit that failed may have come through all the same; what is there is left out.</param>
    /// <param name="worker">Whose run it is, where there may be several workbenches.</param>
    /// <exception cref="RunTakenOverException">It is another workbench's by now; noticed where <paramref name="mayBeThere"/>.</exception>
    internal static async Task AddAsync(RunDbContext context, IReadOnlyList<RunEvent> events, bool mayBeThere, string? worker, CancellationToken cancellationToken)
    {
        var id = events[0].RunId;
        if (mayBeThere && worker is not null && await context.Runs.AnyAsync(r => r.Id == id && r.Worker != worker, cancellationToken))
            throw new RunTakenOverException();
        var last = mayBeThere ? await context.Events.Where(e => e.RunId == id).MaxAsync(e => (long?)e.Seq, cancellationToken) ?? 0 : 0;
        StoredRun? run = null;
        foreach (var e in events)
        {
            if (e.Seq <= last)
                continue;
            context.Events.Add(EventJson.Write(e));
            if (e is RunStarted started)
                context.Runs.Add(run = RunProjection.Begin(started, worker));
            else if (RunProjection.Concerns(e))
            {
                run ??= await context.Runs.Include(r => r.Tags).Include(r => r.Images).SingleAsync(r => r.Id == id, cancellationToken);
                RunProjection.Apply(run, e);
                if (e is RunResumed or RunFinished)
                    run.Worker = worker;
            }
        }
    }

    private void Report(Exception? failure)
    {
        var problem = failure is null ? null : _database.Explain(failure);
        if (problem == _problem)
            return;
        _problem = problem;
        if (failure is not null)
            LogFailed(failure, problem!);
        else
            LogRecovered();
        ProblemChanged?.Invoke();
    }

    private sealed record Batch(IUnsavedEvents Run, IReadOnlyList<RunEvent> Events);

    [LoggerMessage(LogLevel.Error, "Runs are not being saved: {Problem} They go on in memory and are saved once that works again.")]
    private partial void LogFailed(Exception failure, string problem);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} was ended by another workbench meanwhile; what it says here is not kept.")]
    private partial void LogTakenOver(Guid runId);

    [LoggerMessage(LogLevel.Information, "Runs are being saved again.")]
    private partial void LogRecovered();
}
