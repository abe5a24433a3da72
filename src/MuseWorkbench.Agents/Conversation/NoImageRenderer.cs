using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>Where nothing can look into images: agents see them as they are.</summary>
internal sealed class NoImageRenderer : IImageRenderer
{
    public Task<ReadOnlyMemory<byte>> RenderAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) =>
        throw new ImageRenderException("Images can be shown only as they are here.");

    public Task<RgbColour> MeanColourAsync(ReadOnlyMemory<byte> encoded, ViewFrame frame, CancellationToken cancellationToken) =>
        throw new ImageRenderException("Images can't be measured here.");
}
