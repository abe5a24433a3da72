namespace MuseWorkbench.Core;

/// <summary>An image by content. The bytes live in an <see cref="IImageStore"/> under <see cref="Sha256"/>.</summary>
/// <param name="Sha256">64 lower-case hexadecimal digits, computed by the store, never by a client.</param>
/// <param name="MediaType">image/png, image/jpeg or image/webp.</param>
/// <param name="Width">Pixels, after EXIF orientation.</param>
/// <param name="Height">Pixels, after EXIF orientation.</param>
/// <param name="Name">The name it arrived with, for display only; never a path.</param>
public sealed record ImageRef(string Sha256, string MediaType, int Width, int Height, string Name);

/// <summary>Content-addressed image bytes.</summary>
public interface IImageStore
{
    /// <summary>Reads the encoded bytes of an image, or null where none is stored under that hash.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Keeps an image made here; one that is kept already is only named.</summary>
    /// <param name="encoded">A PNG.</param>
    /// <param name="name">For display.</param>
    /// <exception cref="IOException">It can't be kept.</exception>
    ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken);
}
