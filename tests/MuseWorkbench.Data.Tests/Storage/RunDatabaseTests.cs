using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Runs;
using MuseWorkbench.Data.Tests.Kit;

namespace MuseWorkbench.Data.Tests.Storage;

public sealed class RunDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    private string Path => _folder.File("runs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Connection_Opened_LogsAheadAndSyncsFully()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        await using var context = bench.Database.CreateContext();
        await context.Database.OpenConnectionAsync(Test);

        Assert.Equal("wal", await PragmaAsync(context, "journal_mode"));
        Assert.Equal(2L, await PragmaAsync(context, "synchronous"));
        Assert.Equal(1L, await PragmaAsync(context, "foreign_keys"));
        // Earlier versions have a known way to corrupt a write-ahead log.
        Assert.True(new Version(context.Database.GetDbConnection().ServerVersion) >= new Version(3, 51, 3));
    }

    [Fact]
    public async Task Model_Migrations_AreUpToDate()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        await using var context = bench.Database.CreateContext();
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3 * 4096)]
    public async Task Open_Damaged_KeptAsideAndSaid(int at)
    {
        await FillAsync();
        await using (var file = new FileStream(Path, FileMode.Open))
        {
            file.Position = at;
            file.Write(Enumerable.Repeat((byte)0xA5, 4096).ToArray());
        }
        var damaged = await File.ReadAllBytesAsync(Path, Test);

        await using var bench = await StoreBench.StartAsync(_folder.Path);

        Assert.True(bench.Store.Status.Saves);
        Assert.Contains("damaged", bench.Store.Status.Notice, StringComparison.Ordinal);
        var aside = Assert.Single(Directory.GetFiles(_folder.Path, "runs.damaged-*.db"));
        Assert.Contains(aside, bench.Store.Status.Notice, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(aside, Test));
        var id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
        await bench.ReadAllAsync(id);
        Assert.True(await bench.Store.ContainsAsync(id, Test));
    }

    [Fact]
    public async Task Open_Newer_LeftAloneAndRunsGoOnInMemory()
    {
        await FillAsync();
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_FromTheFuture', '99.0')""";
            command.ExecuteNonQuery();
        }
        var before = await File.ReadAllBytesAsync(Path, Test);

        await using (var bench = await StoreBench.StartAsync(_folder.Path))
        {
            Assert.False(bench.Store.Status.Saves);
            Assert.Contains("newer version", bench.Store.Status.Problem, StringComparison.Ordinal);
            var id = await bench.Runs.StartAsync(StoreBench.Request(), Test);
            Assert.IsType<RunFinished>((await bench.ReadAllAsync(id))[^1]);
            Assert.Empty((await bench.Catalog.FindAsync(new RunQuery(), Test)).Runs);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(Path, Test));
    }

    [Fact]
    public async Task Open_KilledInFirstMigration_MigratesAnew()
    {
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL); INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01')""";
            command.ExecuteNonQuery();
        }

        await using var bench = await StoreBench.StartAsync(_folder.Path).WaitAsync(TimeSpan.FromSeconds(30), Test);
        Assert.True(bench.Store.Status.Saves);
    }

    [Fact]
    public async Task Open_InUse_SecondKeepsNothingAndTouchesNoRun()
    {
        await using var first = await StoreBench.StartAsync(_folder.Path);
        await using var second = await StoreBench.StartAsync(_folder.Path);

        Assert.True(first.Store.Status.Saves);
        Assert.False(second.Store.Status.Saves);
        Assert.Contains("Another workbench", second.Store.Status.Problem, StringComparison.Ordinal);
        Assert.Empty(await second.Store.FindOpenAsync(Test));
    }

    private async Task FillAsync()
    {
        await using var bench = await StoreBench.StartAsync(_folder.Path);
        for (var i = 0; i < 20; i++)
            await bench.Store.AppendAsync(StoreBench.Script(DateTimeOffset.UtcNow.AddSeconds(i), StoreBench.Request(prompt: new string('p', 2000)), StoreBench.Finished()), Test);
    }

    private static async Task<object?> PragmaAsync(DbContext context, string name)
    {
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = "PRAGMA " + name;
        return await command.ExecuteScalarAsync(Test);
    }
}
