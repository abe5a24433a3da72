using System.Globalization;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using Npgsql;

namespace MuseWorkbench.Data.Storage;

/// <summary>
/// A PostgreSQL database that several workbenches may share. Each shows a sign of life every few seconds; the runs of one that
/// shows none are ended by the others. Whoever keeps events says so by NOTIFY, so that every workbench can show every run.
/// </summary>
internal sealed partial class PostgresDatabase(string connection, TimeProvider time, ILogger<RunDatabase> logger) : RunDatabase
{
    /// <summary>How long a workbench without a sign of life is thought to live.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string Channel = "muse_runs";

    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;
    private DbContextOptions<PostgresRunDbContext>? _options;
    private Task _listening = Task.CompletedTask, _beating = Task.CompletedTask;

    public override bool IsOpen => _options is not null;

    public override string Worker { get; } = Guid.NewGuid().ToString("N");

    public override RunDbContext CreateContext() => new PostgresRunDbContext(_options ?? throw new InvalidOperationException(Problem));

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        var options = PostgresRunDbContext.OptionsFor(connection);
        try
        {
            await using var context = new PostgresRunDbContext(options);
            var unknown = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(context.Database.GetMigrations()).ToArray();
            if (unknown.Length > 0)
            {
                Refuse($"The run database was written by a newer version of the workbench ({unknown[^1]}). Use that version, or another database.", null);
                return;
            }

            // Locked by the migration itself: of several workbenches that start, one does it.
            await context.Database.MigrateAsync(cancellationToken);
            await BeatAsync(context, cancellationToken);
            var before = time.GetUtcNow() - s_forgotten;
            await context.Workers.Where(worker => worker.SeenAt < before).ExecuteDeleteAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or ArgumentException)
        {
            Refuse($"The run database can't be opened: {e.GetBaseException().Message}", e);
            return;
        }

        (_options, Problem) = (options, null);
        _listening = Task.Run(ListenAsync, CancellationToken.None);
        _beating = Task.Run(BeatOnAsync, CancellationToken.None);
    }

    public override string Explain(Exception failure) => (failure as PostgresException ?? failure.InnerException as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "The database's disk is full.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "The run database can't be written to.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => "The database server is shutting down or starting.",
        _ when failure.GetBaseException() is SocketException => "The database server can't be reached.",
        _ => failure.GetBaseException().Message,
    };

    public override Task TellAsync(RunDbContext context, IEnumerable<Guid> runs, CancellationToken cancellationToken) =>
        NotifyAsync(context, runs.Select(run => run.ToString("N")), cancellationToken);

    public override async Task SendAsync(RunCommand command)
    {
        await using var context = CreateContext();
        await NotifyAsync(context, [string.Create(CultureInfo.InvariantCulture, $"{command.Run:N} {command.Deed} {command.Agent}")], CancellationToken.None);
    }

    // The store disposes it, and so does whoever made it.
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _stop.Cancel();
        Task.WaitAll(_listening, _beating);
        if (_options is not null)
        {
            try
            {
                // Gone at once, rather than after a while.
                using var context = CreateContext();
                context.Workers.Where(worker => worker.Id == Worker).ExecuteDelete();
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or InvalidOperationException)
            {
                // The others will notice.
            }

            using var pooled = new NpgsqlConnection(connection);
            NpgsqlConnection.ClearPool(pooled);
        }

        _stop.Dispose();
    }

    private async Task BeatAsync(PostgresRunDbContext context, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"""INSERT INTO workers ("Id", "SeenAt") VALUES ({Worker}, {time.GetUtcNow().UtcTicks}) ON CONFLICT ("Id") DO UPDATE SET "SeenAt" = EXCLUDED."SeenAt" """, cancellationToken);
    }

    private async Task BeatOnAsync()
    {
        while (await PauseAsync(s_beat))
        {
            try
            {
                await using var context = new PostgresRunDbContext(_options!);
                await BeatAsync(context, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or InvalidOperationException or TimeoutException)
            {
                LogNoSignOfLife(e);
            }
        }
    }

    private async Task ListenAsync()
    {
        do
        {
            try
            {
                // A connection of its own, kept: pooled ones are told to forget what they listen to.
                await using var listener = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false, KeepAlive = 15 }.ConnectionString);
                listener.Notification += (_, e) => Hear(e.Payload);
                await listener.OpenAsync(_stop.Token);
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", listener))
                    await listen.ExecuteNonQueryAsync(_stop.Token);
                Raise(Guid.Empty); // whatever happened while nobody listened
                while (true)
                    await listener.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or IOException or InvalidOperationException or TimeoutException)
            {
                LogNotListening(e);
            }
        }
        while (await PauseAsync(s_retry));
    }

    private async Task NotifyAsync(RunDbContext context, IEnumerable<string> payloads, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var payload in payloads)
                await context.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, {payload})", cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            LogNotTold(e);
        }
    }

    // A run's id: it has more events. With a deed behind it: that is wanted of it.
    private void Hear(string payload)
    {
        var words = payload.Split(' ');
        if (!Guid.TryParse(words[0], out var run))
            Raise(Guid.Empty);
        else if (words.Length == 1)
            Raise(run);
        else if (Enum.TryParse<RunDeed>(words[1], out var deed) && Enum.IsDefined(deed))
            Raise(new RunCommand(run, deed, words.Length > 2 && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var agent) ? agent : null));
    }

    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, time, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Refuse(string problem, Exception? cause)
    {
        Problem = problem;
        LogRefused(cause, problem);
    }

    [LoggerMessage(LogLevel.Error, "Runs are kept in memory only. {Problem}")]
    private partial void LogRefused(Exception? cause, string problem);

    [LoggerMessage(LogLevel.Warning, "The database could not be given a sign of life; tried again.")]
    private partial void LogNoSignOfLife(Exception failure);

    [LoggerMessage(LogLevel.Warning, "Other workbenches could not be told.")]
    private partial void LogNotTold(Exception failure);

    [LoggerMessage(LogLevel.Warning, "Events of other workbenches are not heard of at the moment; tried again.")]
    private partial void LogNotListening(Exception failure);
}
