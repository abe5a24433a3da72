using System.Text;
using Microsoft.EntityFrameworkCore;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Experiments;

namespace MuseWorkbench.Data.Storage;

/// <summary>The model in PostgreSQL; migrations are per database.</summary>
internal sealed class PostgresRunDbContext(DbContextOptions<PostgresRunDbContext> options) : RunDbContext(options)
{
    public static DbContextOptions<PostgresRunDbContext> OptionsFor(string connection) =>
        new DbContextOptionsBuilder<PostgresRunDbContext>().UseNpgsql(connection).Options;

    // What others hold is passed over rather than waited for.
    public override async Task<StoredCell?> NextCellAsync(Guid experiment, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (running, pending, ticks) = (nameof(CellState.Running), nameof(CellState.Pending), now.UtcTicks);
        var rows = await Cells.FromSql($"""
            SELECT * FROM experiment_cells
            WHERE "ExperimentId" = {experiment} AND (("State" = {running} AND "LeaseUntil" < {ticks}) OR "State" = {pending})
            ORDER BY CASE WHEN "State" = {running} THEN 0 ELSE 1 END, "Key" LIMIT 1 FOR UPDATE SKIP LOCKED
            """).ToListAsync(cancellationToken);
        return rows is [var row] ? row : null;
    }

    public override Task LockCellAsync(long key, CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"""SELECT 1 FROM experiment_cells WHERE "Key" = {key} FOR UPDATE""", cancellationToken);

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        Clean();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    // Compared as SQLite does, byte by byte, whatever the server's language.
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<string>().UseCollation("C");
    }

    /// <summary>Text that PostgreSQL can't hold (NUL, halves of surrogate pairs) gets U+FFFD in its place.</summary>
    private void Clean()
    {
        foreach (var entry in ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified))
        {
            foreach (var property in entry.Properties)
            {
                if (property.CurrentValue is string text && !IsClean(text))
                    property.CurrentValue = string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
            }
        }
    }

    private static bool IsClean(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            return false;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[length..];
        }

        return true;
    }
}
