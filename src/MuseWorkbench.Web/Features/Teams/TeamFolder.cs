using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>
/// Teams under <c>teams/</c> of the data directory: a folder for each, a file for each version, never touched again once
/// written. Teams are few and small, so they are read when asked for.
/// </summary>
internal sealed partial class TeamFolder(Places places, TimeProvider time, ILogger<TeamFolder> logger) : ITeamStore, IDisposable
{
    private const string Folder = "teams";
    private readonly SemaphoreSlim _writing = new(1);

    private string Root => Path.Combine(places.Data, Folder);

    public async Task<IReadOnlyList<StoredTeam>> ListAsync(CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(Root))
        {
            return [];
        }

        var teams = new List<StoredTeam>();
        foreach (var folder in Directory.EnumerateDirectories(Root))
        {
            if (Guid.TryParseExact(Path.GetFileName(folder), "N", out var id) && await FindAsync(id, cancellationToken) is { } team)
            {
                teams.Add(team);
            }
        }

        return [.. teams.OrderBy(team => team.Latest.Spec.Name, StringComparer.OrdinalIgnoreCase).ThenBy(team => team.Id)];
    }

    public async Task<StoredTeam?> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var folder = FolderOf(id);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var versions = new List<TeamVersion>();
        try
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
            {
                if (await ReadAsync(file, cancellationToken) is { } version)
                {
                    versions.Add(version);
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            return null; // deleted meanwhile
        }

        return versions.Count == 0 ? null : new StoredTeam(id, [.. versions.OrderBy(version => version.Number)]);
    }

    public Task<StoredTeam> CreateAsync(TeamSpec spec, CancellationToken cancellationToken = default)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return Task.FromResult(new StoredTeam(id, [Write(id, 1, spec)]));
    }

    public async Task<StoredTeam?> SaveAsync(Guid id, TeamSpec spec, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (await FindAsync(id, cancellationToken) is not { } team)
            {
                return null;
            }

            if (team.Latest.Hash == TeamHash.Of(spec))
            {
                return team;
            }

            // A file that can't be read keeps its number, too.
            var next = 1 + Directory.EnumerateFiles(FolderOf(id), "*.json").Max(file => NumberOf(file) ?? 0);
            return team with { Versions = team.Versions.Add(Write(id, next, spec)) };
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            Directory.Delete(FolderOf(id), recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private string FolderOf(Guid id) => Path.Combine(Root, id.ToString("N"));

    private static int? NumberOf(string file) =>
        int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task<TeamVersion?> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            var version = await JsonSerializer.DeserializeAsync<TeamVersion>(stream, MuseJson.Options, cancellationToken);
            if (version?.Spec is not null && version.Number == NumberOf(file) && version.Hash == TeamHash.Of(version.Spec))
            {
                return version;
            }

            LogUnreadable(file, null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(file, e);
        }

        return null;
    }

    private TeamVersion Write(Guid id, int number, TeamSpec spec)
    {
        var version = new TeamVersion(number, TeamHash.Of(spec), time.GetUtcNow(), spec);
        var folder = places.DataFolder(Path.Combine(Folder, id.ToString("N"))).FullName;
        DurableFile.FlushFolder(Root); // the team's folder may be new
        DurableFile.Write(
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:0000}.json")),
            JsonSerializer.SerializeToUtf8Bytes(version, MuseJson.Options));
        return version;
    }

    [LoggerMessage(LogLevel.Warning, "The team version {File} can't be read or is not what it was; it is left out.")]
    private partial void LogUnreadable(string file, Exception? reason);
}
