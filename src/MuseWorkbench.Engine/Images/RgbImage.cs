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

/// <summary>Turns an image into rows the model reads in place of tokens. Thread-safe.</summary>
public interface IImageEmbedder
{
    /// <summary>Rows the image will take; known before any work is done.</summary>
    int CountTokens(int width, int height);

    /// <summary>Rows × embedding width, row-major.</summary>
    float[] Embed(RgbImage image);

    /// <summary>Whether the rows attend to each other in both directions.</summary>
    bool NonCausal { get; }

    /// <summary>Text put before and after the image's rows (trusted; may be empty).</summary>
    string Prefix { get; }

    /// <inheritdoc cref="Prefix"/>
    string Suffix { get; }

    /// <summary>How the image is brought to size.</summary>
    Core.ImageFit Fit { get; }
}
