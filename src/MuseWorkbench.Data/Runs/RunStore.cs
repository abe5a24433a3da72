using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;

namespace MuseWorkbench.Data.Runs;

/// <summary>Runs in the database; where it can't be used, nothing is kept and <see cref="Status"/> says why.</summary>
internal sealed partial class RunStore : IRunStore, IHostedService, IAsyncDisposable
{
    /// <summary>A deleted run can be brought back for this long; its rows go at the first start after.</summary>
    private static readonly TimeSpan s_keepDeleted = TimeSpan.FromDays(1);

    /// <summary>How long after which a run of another workbench is looked at though nothing was told of it.</summary>
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(5);

    private readonly RunDatabase _database;
    private readonly RunWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger<RunStore> _logger;

    public RunStore(RunDatabase database, TimeProvider time, ILogger<RunStore> logger)
    {
        (_database, _time, _logger) = (database, time, logger);
        _writer = new RunWriter(database, time, logger);
        _writer.ProblemChanged += () => StatusChanged?.Invoke();
    }

    public RunStoreStatus Status => _database.IsOpen
        ? new(_writer.Problem is null, _writer.Problem, _database.Notice)
        : new(false, _database.Problem, _database.Notice);

    public event Action? StatusChanged;

    public bool IsShared => _database.Worker is not null;

    public event Action<RunCommand>? Commanded
    {
        add => _database.Commanded += value;
        remove => _database.Commanded -= value;
    }

    public void Send(RunCommand command)
    {
        if (IsShared && _database.IsOpen)
            _ = _database.SendAsync(command);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _database.OpenAsync(cancellationToken);
        if (!_database.IsOpen)
            return;
        await using var context = _database.CreateContext();
        var before = _time.GetUtcNow() - s_keepDeleted;
        var purged = await context.Runs.Where(r => r.DeletedAt != null && r.DeletedAt < before).ExecuteDeleteAsync(cancellationToken);
        if (purged > 0)
            LogPurged(purged);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Notify(IUnsavedEvents run)
    {
        if (_database.IsOpen)
            _writer.Notify(run);
        else
            run.NotSaved();
    }

    public async Task AppendAsync(IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        await using var context = _database.CreateContext();
        await RunWriter.AddAsync(context, events, mayBeThere: false, _database.Worker, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await _database.TellAsync(context, [events[0].RunId], cancellationToken);
    }

    public async Task<IReadOnlyList<RunEvent>> ReadAsync(Guid runId, long afterSeq, int limit, CancellationToken cancellationToken)
    {
        if (!_database.IsOpen)
            return [];
        await using var context = _database.CreateContext();
        var rows = await context.Events.AsNoTracking()
            .Where(e => e.RunId == runId && e.Seq > afterSeq).OrderBy(e => e.Seq).Take(limit)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(EventJson.Read).OfType<RunEvent>()];
    }

    public async Task<bool> ContainsAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (!_database.IsOpen)
            return false;
        await using var context = _database.CreateContext();
        return await context.Runs.AnyAsync(r => r.Id == runId && r.DeletedAt == null, cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> FindOpenAsync(CancellationToken cancellationToken)
    {
        if (!_database.IsOpen)
            return [];
        await using var context = _database.CreateContext();
        var open = context.Runs.Where(r => r.Outcome == null);
        if (_database.Worker is { } worker)
        {
            // Those of workbenches that live are none of our business.
            var since = _time.GetUtcNow() - PostgresDatabase.Patience;
            open = open.Where(r => r.Worker != worker && !context.Workers.Any(w => w.Id == r.Worker && w.SeenAt >= since));
        }

        return await open.Select(r => r.Id).ToListAsync(cancellationToken);
    }

    public async Task<bool> WaitForMoreAsync(Guid runId, long afterSeq, CancellationToken cancellationToken)
    {
        if (!IsShared || !_database.IsOpen)
            return false;
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _database.RunChanged += Note;
        try
        {
            // What was kept before anyone listened is asked for; what comes after is told.
            await using (var context = _database.CreateContext())
            {
                if (await context.Events.AnyAsync(e => e.RunId == runId && e.Seq > afterSeq, cancellationToken))
                    return true;
                if (!await context.Runs.AnyAsync(r => r.Id == runId && r.Outcome == null, cancellationToken))
                    return false;
            }

            // A message may be lost with the connection it would have come by.
            await Task.WhenAny(changed.Task, Task.Delay(s_askAgain, _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return true;
        }
        finally
        {
            _database.RunChanged -= Note;
        }

        void Note(Guid run)
        {
            if (run == runId || run == Guid.Empty)
                changed.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _database.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "{Count} runs deleted earlier are gone for good.")]
    private partial void LogPurged(int count);
}
