using Microsoft.EntityFrameworkCore.Design;

namespace MuseWorkbench.Data.Storage;

/// <summary>For <c>dotnet ef migrations add</c>; see docs/store.md.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<SqliteRunDbContext>
{
    public SqliteRunDbContext CreateDbContext(string[] args) => new(SqliteRunDbContext.OptionsFor(":memory:"));
}
