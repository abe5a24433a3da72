using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>What a format writes comes from here: cases one by one, images by hash; and it counts what was lost.</summary>
public sealed class CaseOutlet
{
    private readonly IAsyncEnumerable<Case> _cases;
    private readonly ICaseImages _images;
    private readonly ICaseFormat _format;
    private readonly List<ImportRemark> _skipped = [];
    private readonly SortedDictionary<string, int> _lost = new(StringComparer.Ordinal);
    private readonly IAsyncEnumerable<BundleFile>? _company;
    private int _written, _skippedCount, _teams, _runs;

    internal CaseOutlet(IAsyncEnumerable<Case> cases, ICaseImages images, ICaseFormat format, IAsyncEnumerable<BundleFile>? company) =>
        (_cases, _images, _format, _company) = (cases, images, format, company);

    internal ExportReport Report => new(_format.Id, _written, [.. _skipped], _skippedCount, _lost.ToImmutableSortedDictionary()) { Teams = _teams, Runs = _runs };

    /// <summary>Each case with its images' bytes; one whose images are gone is skipped.</summary>
    internal async IAsyncEnumerable<(Case Case, ImmutableArray<ReadOnlyMemory<byte>> Images)> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var @case in _cases.WithCancellation(cancellationToken))
        {
            if (await LoadAsync(@case, cancellationToken) is not { } images)
                continue;
            _written++;
            Count(@case);
            yield return (@case, images);
        }
    }

    /// <summary>Teams and runs to go along, each with the bytes of its images; an image that is gone is left out.</summary>
    internal async IAsyncEnumerable<(BundleFile File, ImmutableArray<(ImageRef Image, ReadOnlyMemory<byte> Bytes)> Images)> ReadCompanyAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_company is null)
            yield break;
        await foreach (var file in _company.WithCancellation(cancellationToken))
        {
            var images = ImmutableArray.CreateBuilder<(ImageRef, ReadOnlyMemory<byte>)>();
            foreach (var image in file.Images)
            {
                if (await _images.ReadAsync(image.Sha256, cancellationToken) is { } bytes)
                    images.Add((image, bytes));
            }
            _ = file.Part == BundlePart.Team ? _teams++ : _runs++;
            yield return (file, images.ToImmutable());
        }
    }

    /// <summary>The case just read can't be written after all.</summary>
    internal void Skip(Case @case, string reason)
    {
        _written--;
        AddSkip(@case, reason);
    }

    /// <summary>Part of the case just read can't be written.</summary>
    internal void Lose(string what) => _lost[what] = _lost.GetValueOrDefault(what) + 1;

    private async Task<ImmutableArray<ReadOnlyMemory<byte>>?> LoadAsync(Case @case, CancellationToken cancellationToken)
    {
        var loaded = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(@case.Images.Length);
        foreach (var image in @case.Images)
        {
            if (await _images.ReadAsync(image.Sha256, cancellationToken) is not { } bytes)
            {
                AddSkip(@case, $"Its image '{FileNames.Show(image.Name)}' is not here any more.");
                return null;
            }
            loaded.Add(bytes);
        }
        return loaded.MoveToImmutable();
    }

    private void AddSkip(Case @case, string reason)
    {
        _skippedCount++;
        if (_skipped.Count < ImportReport.MaxRemarks)
            _skipped.Add(new ImportRemark(@case.Id, reason));
    }

    private void Count(Case @case)
    {
        foreach (var field in JsonSerializer.SerializeToElement(@case, MuseJson.Options).EnumerateObject())
        {
            var isEmpty = field.Value.ValueKind switch
            {
                JsonValueKind.Array => field.Value.GetArrayLength() == 0,
                JsonValueKind.String => field.Value.GetString()!.Length == 0,
                _ => false,
            };
            if (!isEmpty && field.Name is not "provenance" && !_format.Keeps.Contains(field.Name))
                Lose(field.Name);
        }
    }
}

/// <summary>What an export wrote.</summary>
/// <param name="Written">Cases written.</param>
/// <param name="Skipped">Cases left out, with the reasons; at most <see cref="ImportReport.MaxRemarks"/> are listed.</param>
/// <param name="Lost">Fields the format has no place for, and how many cases had something there.</param>
public sealed record ExportReport(string Format, int Written, ImmutableArray<ImportRemark> Skipped, int SkippedCount, ImmutableSortedDictionary<string, int> Lost)
{
    /// <summary>Teams that went along.</summary>
    public int Teams { get; init; }

    /// <summary>Runs that went along.</summary>
    public int Runs { get; init; }
}

/// <summary>Writes cases in a format.</summary>
public static class CaseExporter
{
    /// <param name="cases">In the order to write.</param>
    /// <param name="images">Where their images are.</param>
    /// <param name="into">A seekable stream; stays open.</param>
    /// <param name="company">Teams and runs to go along, where the format has a place for them.</param>
    public static async Task<ExportReport> ExportAsync(
        IAsyncEnumerable<Case> cases, ICaseImages images, ICaseFormat format, Stream into, IAsyncEnumerable<BundleFile>? company = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(format);
        var outlet = new CaseOutlet(cases, images, format, company);
        await format.WriteAsync(outlet, into, cancellationToken);
        return outlet.Report;
    }
}

/// <summary>An archive that is being written: images as they come, each once, then the texts.</summary>
internal sealed class ExportArchive(Stream into) : IAsyncDisposable
{
    // The same cases make the same bytes.
    private static readonly DateTimeOffset s_date = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ZipArchive _archive = new(into, ZipArchiveMode.Create, leaveOpen: true);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Adds an image under a folder and returns its name in the archive.</summary>
    public async Task<string> AddImageAsync(string folder, ImageRef image, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var name = $"{folder}{image.Sha256[..20]}.{image.MediaType[(image.MediaType.IndexOf('/', StringComparison.Ordinal) + 1)..]}";
        if (_names.Add(name))
            await AddAsync(name, bytes, CompressionLevel.NoCompression, cancellationToken); // they are compressed already
        return name;
    }

    public Task AddTextAsync(string name, string text, CancellationToken cancellationToken) => AddFileAsync(name, System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);

    public Task AddFileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => AddAsync(name, content, CompressionLevel.Optimal, cancellationToken);

    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    private async Task AddAsync(string name, ReadOnlyMemory<byte> bytes, CompressionLevel level, CancellationToken cancellationToken)
    {
        var entry = _archive.CreateEntry(name, level);
        entry.LastWriteTime = s_date;
        await using var stream = await entry.OpenAsync(cancellationToken);
        await stream.WriteAsync(bytes, cancellationToken);
    }
}
