using System.Net.Http.Json;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>Paints a drawing onto an image.</summary>
internal interface IOverlayPainter
{
    /// <summary>The image with the drawing on it, as PNG of the image's size.</summary>
    /// <exception cref="OverlayException">It can't be painted now; the message is for the user.</exception>
    Task<byte[]> PaintAsync(ReadOnlyMemory<byte> image, string svg, CancellationToken cancellationToken);
}

/// <summary>Lets the engine node paint: images meet native code there, not here.</summary>
internal sealed class OverlayPainter(NodeSupervisor node) : IOverlayPainter
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public async Task<byte[]> PaintAsync(ReadOnlyMemory<byte> image, string svg, CancellationToken cancellationToken)
    {
        if (node.Connection is not { } connection)
        {
            throw new OverlayException("Pictures are painted by the engine, which is not running at the moment. The drawing (SVG) can be saved without it.");
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(s_limit);
        try
        {
            using var response = await connection.Http.PostAsJsonAsync("v1/images/overlay", new { image = image.ToArray(), svg }, limited.Token);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsByteArrayAsync(limited.Token)
                : throw new OverlayException($"The engine could not paint the picture (HTTP {(int)response.StatusCode}).");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new OverlayException("The engine ended or took too long while it painted the picture. Try again.", e);
        }
    }
}

/// <summary>A picture can't be painted; the message is for the user.</summary>
internal sealed class OverlayException(string message, Exception? inner = null) : Exception(message, inner);
