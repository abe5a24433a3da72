using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;

namespace MuseWorkbench.Curation.Tests.Kit;

/// <summary>An importer over memory: what it kept can be looked at.</summary>
internal sealed class Bench : ICaseImages, ICaseStore
{
    public static CancellationToken Test => TestContext.Current.CancellationToken;

    public Dictionary<string, byte[]> Images { get; } = [];
    public List<Case> Cases { get; } = [];
    public int Inspected { get; private set; }

    /// <summary>Refuses images with these bytes.</summary>
    public byte[]? Damaged { get; init; }

    public static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "MuseWorkbench.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    public Task<ImportReport> ImportAsync(IImportFiles files, ICaseFormat? format = null) =>
        new CaseImporter(this, this).ImportAsync(files, ImportTarget.New("New"), format, cancellationToken: Test);

    /// <summary>Imports one text under a name.</summary>
    public async Task<ImportReport> ImportAsync(string name, string text, ICaseFormat? format = null)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        using var file = new SingleImportFile(name, content);
        return await ImportAsync(file, format);
    }

    /// <summary>Imports an archive of texts and images.</summary>
    public async Task<ImportReport> ImportZipAsync(byte[] zip, ICaseFormat? format = null)
    {
        using var content = new MemoryStream(zip);
        try
        {
            using var files = new ZipImportFiles("upload.zip", content);
            return await ImportAsync(files, format);
        }
        catch (ImportRefusedException e)
        {
            return CaseImporter.Refused(format?.Id ?? "", e.Message);
        }
    }

    public async Task<(byte[] Bytes, ExportReport Report)> ExportAsync(ICaseFormat format, params Case[] cases)
    {
        using var into = new MemoryStream();
        var report = await CaseExporter.ExportAsync(cases.ToAsyncEnumerable(), this, format, into, cancellationToken: Test);
        return (into.ToArray(), report);
    }

    /// <summary>Keeps an image as if it had been brought before.</summary>
    public ImageRef Keep(byte[] png, string name = "a.png")
    {
        var image = Pngs.Ref(png, name);
        Images[image.Sha256] = png;
        return image;
    }

    public Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        Inspected++;
        return Damaged is not null && encoded.Span.SequenceEqual(Damaged)
            ? throw new CaseImageRefusedException("The image is damaged.")
            : Task.FromResult<ulong?>(null);
    }

    public Task KeepAsync(ReadOnlyMemory<byte> encoded, ImageRef image, CancellationToken cancellationToken)
    {
        Images[image.Sha256] = encoded.ToArray();
        return Task.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) =>
        new(Images.TryGetValue(sha256, out var bytes) ? (ReadOnlyMemory<byte>?)bytes : null);

    public Task<(Dataset Dataset, SaveSummary Summary)> CreateAsync(string name, CaseBatch batch, CancellationToken cancellationToken = default)
    {
        Cases.AddRange(batch.Cases);
        return Task.FromResult((new Dataset(Guid.NewGuid(), name, DateTimeOffset.UnixEpoch, [], batch.Cases.Count, true), new SaveSummary(batch.Cases.Count, 0, 0)));
    }

    public Task<IReadOnlyList<Dataset>> ListAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<Dataset?> FindAsync(Guid dataset, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<bool> RenameAsync(Guid dataset, string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<bool> DeleteAsync(Guid dataset, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<CasePage> QueryAsync(Guid dataset, CaseQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<Case?> GetAsync(Guid dataset, string caseId, int? version = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public IAsyncEnumerable<Case> ReadAsync(Guid dataset, int? version = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<CaseFacets> GetFacetsAsync(Guid dataset, int? version = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<SaveSummary?> SaveAsync(Guid dataset, CaseBatch batch, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<int> RemoveAsync(Guid dataset, IReadOnlyCollection<string> caseIds, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<DatasetVersion?> PublishAsync(Guid dataset, string note, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<bool> DiscardDraftAsync(Guid dataset, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<DatasetDiff> DiffAsync(Guid dataset, int? from, int? to, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    public Task<IReadOnlyList<CaseImage>> GetImagesAsync(Guid dataset, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
