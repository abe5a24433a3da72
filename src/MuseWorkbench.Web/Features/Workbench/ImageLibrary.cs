using System.Collections.Concurrent;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Images under <c>images/</c> of the data directory, each once, by content.</summary>
internal sealed class ImageLibrary : IImageLibrary
{
    private const int MaxNameLength = 200;

    private readonly BlobFolder _blobs;
    private readonly IImageInspector _inspector;
    private readonly ILogger<ImageLibrary> _logger;
    private readonly ConcurrentDictionary<string, ImageRef> _known = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<SampleScene>> _samples;

    public ImageLibrary(Places places, IImageInspector inspector, ILogger<ImageLibrary> logger)
    {
        (_blobs, _inspector, _logger) = (new BlobFolder(places, "images"), inspector, logger);
        _samples = new(() => SampleScenes.Load(places.WebRoot, (bytes, name) => Keep(bytes, Check(bytes), name), logger));
    }

    /// <summary>What an image may be at most.</summary>
    public static ImageLimits Limits => ImageLimits.Default;

    public IReadOnlyList<SampleScene> Samples => _samples.Value;

    public async Task<ImageRef> AddAsync(Stream content, string name, CancellationToken cancellationToken)
    {
        var bytes = await ReadAllAsync(content, cancellationToken);
        var header = Check(bytes.Span);
        if (Find(BlobFolder.NameOf(bytes.Span)) is { } known)
        {
            return known with { Name = Clean(name, known.Sha256) };
        }

        await _inspector.InspectAsync(bytes, cancellationToken);
        return Keep(bytes.Span, header, name);
    }

    public ImageRef? Find(string sha256)
    {
        if (!BlobFolder.IsName(sha256))
        {
            return null;
        }

        if (_known.TryGetValue(sha256, out var known))
        {
            return known;
        }

        try
        {
            return _blobs.ReadRecord(sha256) is { } record && JsonSerializer.Deserialize<ImageRef>(record, MuseJson.Options) is { } image
                ? _known.GetOrAdd(sha256, image)
                : null;
        }
        catch (JsonException e)
        {
            _logger.RecordDamaged(sha256, e);
            return null; // adding the image again repairs it
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken)
    {
        if (Find(sha256) is null)
        {
            return null;
        }

        try
        {
            var bytes = await File.ReadAllBytesAsync(_blobs.PathOf(sha256), cancellationToken);
            if (BlobFolder.NameOf(bytes) == sha256)
            {
                return bytes;
            }

            _logger.ContentDamaged(sha256);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed from disk.
        }

        _known.TryRemove(sha256, out _);
        return null;
    }

    public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken) =>
        new(Keep(encoded.Span, Check(encoded.Span), name));

    /// <summary>Where an image that was found lies, for sending it as it is.</summary>
    public string PathOf(ImageRef image) => _blobs.PathOf(image.Sha256);

    private ImageRef Keep(ReadOnlySpan<byte> bytes, ImageHeader header, string name)
    {
        var sha256 = BlobFolder.NameOf(bytes);
        if (Find(sha256) is { } known)
        {
            return known;
        }

        var image = new ImageRef(sha256, header.MediaType, header.Width, header.Height, Clean(name, sha256));
        _blobs.Write(sha256, bytes, JsonSerializer.SerializeToUtf8Bytes(image, MuseJson.Options));
        return _known.GetOrAdd(sha256, image);
    }

    private static ImageHeader Check(ReadOnlySpan<byte> bytes) =>
        Limits.Check(bytes, out var header) is { } reason ? throw new ImageRejectedException(reason) : header;

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream content, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[81920];
        var tooLarge = false;
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            // The rest of what is too large is read and dropped, so that its sender hears why instead of losing the connection.
            tooLarge |= kept.Length + read > Limits.MaxBytes;
            if (!tooLarge)
            {
                kept.Write(buffer, 0, read);
            }
        }

        return tooLarge
            ? throw new ImageRejectedException($"The image is larger than {Limits.MaxBytes >> 20} MB, which is the most that is accepted.")
            : kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }

    /// <summary>A name for showing: no folders, nothing invisible.</summary>
    private static string Clean(string name, string sha256)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = string.Concat(last.Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not System.Globalization.UnicodeCategory.Format)).Trim();
        return clean.Length switch
        {
            0 => sha256[..8],
            > MaxNameLength => clean[..MaxNameLength],
            _ => clean,
        };
    }
}
