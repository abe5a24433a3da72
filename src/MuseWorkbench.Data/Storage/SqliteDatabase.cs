using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace MuseWorkbench.Data.Storage;

/// <summary>
/// SQLite in the file <c>runs.db</c>: one workbench at a time, brought up to this program's schema at start. One that is
/// damaged is put aside, one that is newer is left alone; neither is ever changed.
/// </summary>
internal sealed partial class SqliteDatabase(string folder, TimeProvider time, ILogger<RunDatabase> logger) : RunDatabase
{
    /// <summary>Larger files are checked as they are read, not as a whole at start.</summary>
    private const long CheckedWhole = 256L << 20;

    private FileStream? _lock;
    private DbContextOptions<SqliteRunDbContext>? _options;

    public string Path { get; } = System.IO.Path.Combine(folder, "runs.db");

    /// <summary>Most pages it may grow to; null for as many as the disk holds.</summary>
    internal int? MaxPages { get; init; }

    public override bool IsOpen => _options is not null;

    public override RunDbContext CreateContext() => new SqliteRunDbContext(_options ?? throw new InvalidOperationException(Problem));

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refuse($"Another workbench is using the run database {Path}, or its folder can't be written to: {e.Message}", e);
            return;
        }

        try
        {
            await UpgradeAsync(cancellationToken);
        }
        catch (Exception e) when (IsDamage(e))
        {
            PutAside(e);
            await UpgradeAsync(cancellationToken);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            Refuse($"The run database {Path} can't be opened: {e.Message}", e);
        }
    }

    public override void Dispose()
    {
        if (_options is not null)
        {
            using var context = new SqliteRunDbContext(_options);
            // The last connection to close folds the log into the file.
            SqliteConnection.ClearPool((SqliteConnection)context.Database.GetDbConnection());
        }
        _lock?.Dispose();
    }

    private async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        var options = SqliteRunDbContext.OptionsFor(Path, MaxPages);
        await using var context = new SqliteRunDbContext(options);
        if (File.Exists(Path))
        {
            await CheckAsync(context, cancellationToken);
            var unknown = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(context.Database.GetMigrations()).ToArray();
            if (unknown.Length > 0)
            {
                Refuse($"The run database {Path} was written by a newer version of the workbench ({unknown[^1]}). Use that version, or another data directory.", null);
                return;
            }
        }
        if ((await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
        {
            // The file is ours alone: a migration's lock in it was left by a process that died, and would be waited for forever.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            await context.Database.MigrateAsync(cancellationToken);
        }
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        (_options, Problem) = (options, null);
    }

    private async Task CheckAsync(SqliteRunDbContext context, CancellationToken cancellationToken)
    {
        var check = new FileInfo(Path).Length <= CheckedWhole ? "quick_check(1)" : "schema_version";
        await context.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = "PRAGMA " + check;
            if (await command.ExecuteScalarAsync(cancellationToken) is string said && said != "ok")
                throw new InvalidDataException(said);
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    public override string Explain(Exception failure) => (failure as SqliteException ?? failure.InnerException as SqliteException)?.SqliteErrorCode switch
    {
        13 => "The disk is full.",
        8 => "The run database can't be written to.",
        10 => "The disk reports an error.",
        Corrupt or NotADatabase => "The run database is damaged.",
        5 or 6 => "Another program is holding the run database.",
        _ => failure.GetBaseException().Message,
    };

    private static bool IsDamage(Exception e) =>
        e is InvalidDataException || e is SqliteException { SqliteErrorCode: Corrupt or NotADatabase };

    private void PutAside(Exception damage)
    {
        SqliteConnection.ClearAllPools(); // an idle connection would hold the file
        var aside = System.IO.Path.Combine(folder, $"runs.damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}.db");
        // The log holds commits the file lacks: it belongs to it.
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(Path + suffix))
                File.Move(Path + suffix, aside + suffix);
        }
        Notice = $"The run database was damaged ({damage.Message.TrimEnd('.')}). It was kept as {aside}; runs are now kept in a new one.";
        LogDamaged(damage, Path, aside);
    }

    private void Refuse(string problem, Exception? cause)
    {
        Problem = problem;
        LogRefused(cause, problem);
    }

    private const int Corrupt = 11, NotADatabase = 26;

    [LoggerMessage(LogLevel.Error, "The run database {Path} is damaged; kept as {Aside}, and a new one begun.")]
    private partial void LogDamaged(Exception damage, string path, string aside);

    [LoggerMessage(LogLevel.Error, "Runs are kept in memory only. {Problem}")]
    private partial void LogRefused(Exception? cause, string problem);
}
