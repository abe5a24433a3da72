namespace MuseWorkbench.Core;

/// <summary>
/// What an encoded image says of itself, read in managed code from a few bytes of it. Nothing in it is trusted: the
/// parser never reads past the span and takes no memory by claimed sizes. A header is no proof that the pixels decode.
/// </summary>
/// <param name="Kind">The encoding, by signature; names and declared types are not asked.</param>
/// <param name="Width">Pixels as displayed, after orientation; may be 0 where the file says so.</param>
/// <param name="Height">Pixels as displayed, after orientation; may be 0 where the file says so.</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 where there is none or it is invalid.</param>
public readonly record struct ImageHeader(ImageKind Kind, int Width, int Height, int Orientation)
{
    /// <summary>image/png, image/jpeg or image/webp.</summary>
    public string MediaType => Kind switch
    {
        ImageKind.Png => "image/png",
        ImageKind.Jpeg => "image/jpeg",
        _ => "image/webp",
    };

    /// <summary>Pixels a row as stored, before orientation.</summary>
    public int StoredWidth => Orientation >= 5 ? Height : Width;

    /// <summary>Rows as stored, before orientation.</summary>
    public int StoredHeight => Orientation >= 5 ? Width : Height;

    /// <summary>The header, or null where the bytes are none of the accepted encodings or end before the size is known.</summary>
    public static ImageHeader? TryRead(ReadOnlySpan<byte> encoded) =>
        PngHeader.TryRead(encoded) ?? JpegHeader.TryRead(encoded) ?? WebPHeader.TryRead(encoded);

    internal static ImageHeader Create(ImageKind kind, int storedWidth, int storedHeight, int orientation) =>
        orientation >= 5 ? new(kind, storedHeight, storedWidth, orientation) : new(kind, storedWidth, storedHeight, orientation);
}
