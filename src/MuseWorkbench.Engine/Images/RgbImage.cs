namespace MuseWorkbench.Engine.Images;

/// <summary>Decoded pixels: 8-bit RGB, row-major, no padding, orientation applied.</summary>
/// <param name="Width">Pixels, ≥ 1.</param>
/// <param name="Height">Pixels, ≥ 1.</param>
/// <param name="Pixels">Width × Height × 3 bytes.</param>
/// <param name="ContentHash">SHA-256 of the encoded bytes, lower-case hexadecimal: what prefix sharing and the embedding cache go by.</param>
public sealed record RgbImage(int Width, int Height, ReadOnlyMemory<byte> Pixels, string ContentHash);

/// <summary>Decodes an encoded image within limits.</summary>
public interface IImageDecoder
{
    /// <exception cref="Requests.RequestRejectedException">Not a PNG, JPEG or WebP, damaged, or over a limit; the message says which, and never echoes native text.</exception>
    RgbImage Decode(ReadOnlyMemory<byte> encoded);
}
