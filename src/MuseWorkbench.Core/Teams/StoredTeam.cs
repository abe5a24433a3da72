using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>A team that is kept, with every version it had. Versions never change; a change is a new one.</summary>
/// <param name="Versions">Oldest first, at least one.</param>
public sealed record StoredTeam(Guid Id, ImmutableArray<TeamVersion> Versions)
{
    [JsonIgnore]
    public TeamVersion Latest => Versions[^1];
}

/// <summary>A team as it was at one time.</summary>
/// <param name="Number">1, 2, 3 … within the team.</param>
/// <param name="Hash">SHA-256 of its content: equal teams have equal hashes, wherever they are kept.</param>
public sealed record TeamVersion(int Number, string Hash, DateTimeOffset CreatedAt, TeamSpec Spec);

/// <summary>Keeps teams. Thread-safe.</summary>
public interface ITeamStore
{
    /// <summary>All of them, by name.</summary>
    Task<IReadOnlyList<StoredTeam>> ListAsync(CancellationToken cancellationToken = default);

    Task<StoredTeam?> FindAsync(Guid id, CancellationToken cancellationToken = default);

    Task<StoredTeam> CreateAsync(TeamSpec spec, CancellationToken cancellationToken = default);

    /// <summary>Keeps a new version; one equal to the latest changes nothing. Null where there is no such team.</summary>
    Task<StoredTeam?> SaveAsync(Guid id, TeamSpec spec, CancellationToken cancellationToken = default);

    /// <summary>Forgets a team and its versions; false where there is none.</summary>
    Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default);
}
