using Microsoft.EntityFrameworkCore.Design;

namespace MuseWorkbench.Data.Storage;

/// <summary>For <c>dotnet ef migrations add</c>; see docs/store.md.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteRunDbContext>
{
    public SqliteRunDbContext CreateDbContext(string[] args) => new(SqliteRunDbContext.OptionsFor(":memory:"));
}

/// <inheritdoc cref="SqliteDesignTime"/>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresRunDbContext>
{
    public PostgresRunDbContext CreateDbContext(string[] args) => new(PostgresRunDbContext.OptionsFor("Host=localhost"));
}
