using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MuseWorkbench.Data.Storage;

/// <summary>
/// What each connection is told: a commit returns once its pages are on the disk (a WAL's own default forgives power loss
/// the last commits), and whoever finds the database busy waits a little.
/// </summary>
internal sealed class SqlitePragmas(int? maxPages) : DbConnectionInterceptor
{
    private readonly string _pragmas = string.Create(
        CultureInfo.InvariantCulture, $"PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA max_page_count={(long?)maxPages ?? 4_294_967_294};");

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = _pragmas;
        command.ExecuteNonQuery();
    }

    // SQLite works on the caller's thread either way.
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
