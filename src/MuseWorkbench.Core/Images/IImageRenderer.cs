namespace MuseWorkbench.Core;

/// <summary>Looks into images where decoding is allowed: in an engine's process, never in this one. Thread-safe.</summary>
public interface IImageRenderer
{
    /// <summary>The picture a frame shows, as PNG; the same bytes for the same image and frame.</summary>
    /// <exception cref="ImageRenderException">It could not be made; the message is for the user.</exception>
    Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken);

    /// <summary>The mean of the colours in the part a frame shows, as stored: flip and tone don't count.</summary>
    /// <exception cref="ImageRenderException">It could not be measured; the message is for the user.</exception>
    Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken);
}

/// <summary>Levels of 0 to 255.</summary>
public readonly record struct RgbColour(byte R, byte G, byte B);

/// <summary>An image could not be looked into; the message is for the user.</summary>
public sealed class ImageRenderException(string message, Exception? inner = null) : Exception(message, inner);
