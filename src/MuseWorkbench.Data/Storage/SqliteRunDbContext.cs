using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace MuseWorkbench.Data.Storage;

/// <summary>The model in SQLite; migrations are per database.</summary>
internal sealed class SqliteRunDbContext(DbContextOptions<SqliteRunDbContext> options) : RunDbContext(options)
{
    /// <param name="path">The file.</param>
    /// <param name="maxPages">Most pages it may grow to; null for as many as the disk holds.</param>
    public static DbContextOptions<SqliteRunDbContext> OptionsFor(string path, int? maxPages = null) =>
        new DbContextOptionsBuilder<SqliteRunDbContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = 5 }.ToString())
            .AddInterceptors(new SqlitePragmas(maxPages))
            .Options;
}
