using System.Collections.Concurrent;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Cases.Exchange;

/// <summary>A file that was handed in and waits to be imported.</summary>
/// <param name="Name">The name it came with, for display only.</param>
/// <param name="Path">Where it lies.</param>
internal sealed record ImportUpload(Guid Id, string Name, string Path, long Bytes, DateTimeOffset At)
{
    /// <summary>Opens it, as an archive where it is one.</summary>
    /// <exception cref="ImportRefusedException">It is an archive that is not read here.</exception>
    public OpenedImport Open()
    {
        var content = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            Span<byte> head = stackalloc byte[4];
            var isArchive = content.ReadAtLeast(head, 4, throwOnEndOfStream: false) == 4 && head.StartsWith("PK"u8);
            content.Position = 0;
            return new OpenedImport(isArchive ? new ZipImportFiles(Name, content) : new SingleImportFile(Name, content), content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}

/// <summary>An upload's files, and the stream they come from.</summary>
internal sealed record OpenedImport(IImportFiles Files, Stream Content) : IDisposable
{
    public void Dispose()
    {
        Files.Dispose();
        Content.Dispose();
    }
}

/// <summary>
/// Files on their way into a dataset, on disk under <c>uploads/</c>. Nobody needs them for long: one that is forgotten goes after
/// some hours, all of them when the workbench starts again. Thread-safe.
/// </summary>
internal sealed class ImportUploads
{
    /// <summary>Most bytes of a file.</summary>
    public const long MaxBytes = 2L << 30;

    private const string Folder = "uploads";
    private static readonly TimeSpan s_life = TimeSpan.FromHours(6);

    private readonly ConcurrentDictionary<Guid, ImportUpload> _uploads = new();
    private readonly Places _places;
    private readonly TimeProvider _time;

    public ImportUploads(Places places, TimeProvider time)
    {
        (_places, _time) = (places, time);
        foreach (var left in places.DataFolder(Folder).EnumerateFiles())
            left.Delete();
    }

    /// <summary>A file that goes when it is closed.</summary>
    public FileStream CreateTemporary() =>
        new(Path.Combine(_places.DataFolder(Folder).FullName, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    /// <summary>Takes a file as it comes.</summary>
    /// <exception cref="ImportRefusedException">It is empty or too large.</exception>
    public async Task<ImportUpload> ReceiveAsync(Stream content, string name, CancellationToken cancellationToken)
    {
        foreach (var old in _uploads.Values.Where(upload => _time.GetUtcNow() - upload.At > s_life))
            Forget(old.Id);
        var id = Guid.NewGuid();
        var path = Path.Combine(_places.DataFolder(Folder).FullName, id.ToString("N"));
        try
        {
            long bytes = 0;
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                var buffer = new byte[1 << 16];
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    bytes += read;
                    if (bytes > MaxBytes)
                        throw new ImportRefusedException($"The file is larger than {MaxBytes >> 30} GB, which is the most that is taken.");
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }
            if (bytes == 0)
                throw new ImportRefusedException("The file is empty.");
            return _uploads[id] = new ImportUpload(id, Clean(name), path, bytes, _time.GetUtcNow());
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public ImportUpload? Find(Guid id) => _uploads.GetValueOrDefault(id);

    public void Forget(Guid id)
    {
        if (_uploads.TryRemove(id, out var upload))
            File.Delete(upload.Path);
    }

    private static string Clean(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = string.Concat(last.Where(c => !char.IsControl(c))).Trim();
        return clean.Length switch { 0 => "file", > 200 => clean[..200], _ => clean };
    }
}
