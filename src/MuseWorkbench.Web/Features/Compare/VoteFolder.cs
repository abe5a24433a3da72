using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Data.Storage;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>Votes under <c>votes/</c> of the data directory, a file each, read once. Thread-safe.</summary>
internal sealed partial class VoteFolder(Places places, ILogger<VoteFolder> logger) : IDisposable
{
    private const string Folder = "votes";
    private readonly SemaphoreSlim _reading = new(1);
    private ImmutableSortedDictionary<Guid, ArenaVote>? _votes;

    /// <summary>All votes, oldest first.</summary>
    public async Task<IReadOnlyList<ArenaVote>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(cancellationToken)).Values.OrderBy(vote => vote.At)];

    /// <summary>The vote over these runs, whatever their order; null where there is none.</summary>
    public async Task<ArenaVote?> FindAsync(IEnumerable<Guid> runs, CancellationToken cancellationToken = default)
    {
        var asked = runs.ToHashSet();
        return (await ReadAsync(cancellationToken)).Values.FirstOrDefault(vote => asked.SetEquals(vote.Entries.Select(entry => entry.RunId)));
    }

    /// <summary>Keeps a vote; one over the same runs is replaced.</summary>
    public async Task AddAsync(ArenaVote vote, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(vote.Entries.Select(entry => entry.RunId), cancellationToken) is { } before)
        {
            await RemoveAsync(before.Id, cancellationToken);
        }

        places.DataFolder(Folder);
        DurableFile.Write(FileOf(vote.Id), JsonSerializer.SerializeToUtf8Bytes(vote, MuseJson.Options));
        await ChangeAsync(votes => votes.SetItem(vote.Id, vote), cancellationToken);
    }

    /// <summary>Takes a vote back.</summary>
    public async Task RemoveAsync(Guid id, CancellationToken cancellationToken = default)
    {
        File.Delete(FileOf(id));
        await ChangeAsync(votes => votes.Remove(id), cancellationToken);
    }

    public void Dispose() => _reading.Dispose();

    private string FileOf(Guid id) => Path.Combine(places.Data, Folder, $"{id:N}.json");

    private async Task ChangeAsync(Func<ImmutableSortedDictionary<Guid, ArenaVote>, ImmutableSortedDictionary<Guid, ArenaVote>> change, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            _votes = change(_votes!);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<ImmutableSortedDictionary<Guid, ArenaVote>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_votes is { } read)
        {
            return read;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            return _votes ??= await ReadFilesAsync(cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<ImmutableSortedDictionary<Guid, ArenaVote>> ReadFilesAsync(CancellationToken cancellationToken)
    {
        var votes = ImmutableSortedDictionary.CreateBuilder<Guid, ArenaVote>();
        var folder = Path.Combine(places.Data, Folder);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json") : [])
        {
            try
            {
                await using var stream = File.OpenRead(file);
                if (await JsonSerializer.DeserializeAsync<ArenaVote>(stream, MuseJson.Options, cancellationToken) is { IsSound: true } vote)
                {
                    votes[vote.Id] = vote;
                    continue;
                }

                LogUnreadable(file, null);
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                LogUnreadable(file, e);
            }
        }

        return votes.ToImmutable();
    }

    [LoggerMessage(LogLevel.Warning, "The vote {File} can't be read; it is left out.")]
    private partial void LogUnreadable(string file, Exception? reason);
}
