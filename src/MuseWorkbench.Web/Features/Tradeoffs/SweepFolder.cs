using System.Collections.Concurrent;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;
using MuseWorkbench.Data.Storage;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>Sweeps under <c>sweeps/</c> of the data directory, a file for each. Few and small: read once, then held.</summary>
internal sealed partial class SweepFolder(Places places, ILogger<SweepFolder> logger) : ISweepStore
{
    private const string Folder = "sweeps";
    private readonly ConcurrentDictionary<Guid, Sweep> _sweeps = new();
    private readonly Lock _reading = new();
    private bool _read;

    public Task<IReadOnlyList<Sweep>> ListAsync(CancellationToken cancellationToken = default)
    {
        Read();
        return Task.FromResult<IReadOnlyList<Sweep>>([.. _sweeps.Values.OrderByDescending(sweep => sweep.CreatedAt).ThenByDescending(sweep => sweep.Id)]);
    }

    public Task<Sweep?> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        Read();
        return Task.FromResult(_sweeps.GetValueOrDefault(id));
    }

    public Task SaveAsync(Sweep sweep, CancellationToken cancellationToken = default)
    {
        Read();
        DurableFile.Write(Path.Combine(places.DataFolder(Folder).FullName, $"{sweep.Id:N}.json"), JsonSerializer.SerializeToUtf8Bytes(sweep, MuseJson.Options));
        _sweeps[sweep.Id] = sweep;
        return Task.CompletedTask;
    }

    public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken = default)
    {
        Read();
        var there = _sweeps.TryRemove(id, out _);
        File.Delete(Path.Combine(places.DataFolder(Folder).FullName, $"{id:N}.json"));
        return Task.FromResult(there);
    }

    private void Read()
    {
        lock (_reading)
        {
            if (_read)
            {
                return;
            }

            foreach (var file in Directory.EnumerateFiles(places.DataFolder(Folder).FullName, "*.json"))
            {
                try
                {
                    if (JsonSerializer.Deserialize<Sweep>(File.ReadAllBytes(file), MuseJson.Options) is { Team: not null, Cases.IsDefault: false, Points.IsDefault: false } sweep)
                    {
                        _sweeps[sweep.Id] = sweep;
                    }
                }
                catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
                {
                    LogUnreadable(file, e);
                }
            }

            _read = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep {File} can't be read; it is left out.")]
    private partial void LogUnreadable(string file, Exception reason);
}
