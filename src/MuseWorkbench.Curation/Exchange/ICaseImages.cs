using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Where the images of cases are looked at and kept. Thread-safe.</summary>
public interface ICaseImages
{
    /// <summary>Reads the encoded bytes of an image, or null where none is kept under that hash.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Decodes an image in full, where that can be done safely; keeps nothing.</summary>
    /// <returns>Its difference hash; null where nothing that decodes is at hand.</returns>
    /// <exception cref="CaseImageRefusedException">It does not decode.</exception>
    Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken);

    /// <summary>Keeps an inspected image under its hash; one that is there already stays as it is.</summary>
    Task KeepAsync(ReadOnlyMemory<byte> encoded, ImageRef image, CancellationToken cancellationToken);
}
