using Npgsql;

namespace MuseWorkbench.Data.Tests.Kit;

/// <summary>A folder with a PostgreSQL database of its own, on the server that <c>MUSE_POSTGRES</c> leads to; tests are skipped where it is not set.</summary>
internal sealed class PostgresFolder : TempFolder
{
    private readonly string _name = $"muse_{Guid.NewGuid():N}";
    private readonly string _server;

    public PostgresFolder()
    {
        if (Environment.GetEnvironmentVariable("MUSE_POSTGRES") is not { Length: > 0 } server)
        {
            base.Dispose();
            Assert.Skip("Set MUSE_POSTGRES to a PostgreSQL server's connection string; tests/run.sh starts one.");
            throw new InvalidOperationException();
        }

        _server = server;
        Execute($"CREATE DATABASE {_name}");
        Connection = new NpgsqlConnectionStringBuilder(server) { Database = _name, MaxPoolSize = 20 }.ConnectionString;
    }

    public override string Connection { get; }

    public override void Dispose()
    {
        Execute($"DROP DATABASE {_name} WITH (FORCE)");
        base.Dispose();
    }

    public void Execute(string sql, string? database = null)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Database = database ?? "postgres", Pooling = false }.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
