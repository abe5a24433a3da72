using System.Security.Cryptography;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// Images made small for lists, once each, under <c>thumbs/</c> of the data directory. The engine node makes them, as it decodes all
/// images; what is small already, or can't be made small now, is shown as it is.
/// </summary>
internal sealed class Thumbnails(ImageLibrary library, IImageRenderer renderer, NodeSupervisor node, Places places) : IDisposable
{
    /// <summary>Longest side, pixels: a list's picture on a screen of two pixels to one.</summary>
    public const int Side = 400;

    /// <summary>Images up to this side and size are sent as they are.</summary>
    private const int SmallSide = 800, SmallBytes = 256 << 10;

    private readonly BlobFolder _folder = new(places, "thumbs");
    // The node has agents to serve: a page of pictures must not take all its threads.
    private readonly SemaphoreSlim _atOnce = new(2);

    /// <summary>A file to send: the small picture, or the image itself.</summary>
    /// <returns>Whether it stays so for good.</returns>
    public async Task<(string Path, string MediaType, bool IsFinal)> GetAsync(ImageRef image, CancellationToken cancellationToken)
    {
        var original = library.PathOf(image);
        if (Math.Max(image.Width, image.Height) <= SmallSide && new FileInfo(original).Length <= SmallBytes)
            return (original, image.MediaType, true);
        var small = _folder.PathOf(image.Sha256);
        if (File.Exists(small) || (node.Connection is not null && await TryMakeAsync(image, small, cancellationToken)))
            return (small, "image/png", true);
        return (original, image.MediaType, false);
    }

    public void Dispose() => _atOnce.Dispose();

    private async Task<bool> TryMakeAsync(ImageRef image, string small, CancellationToken cancellationToken)
    {
        await _atOnce.WaitAsync(cancellationToken);
        try
        {
            if (File.Exists(small))
                return true;
            if (await library.ReadAsync(image.Sha256, cancellationToken) is not { } bytes)
                return false;
            var scale = Math.Min(1.0, (double)Side / Math.Max(image.Width, image.Height));
            var frame = new ViewFrame(
                image.Width, image.Height, 0, 0, image.Width, image.Height, false, ViewTone.AsIs,
                Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)));
            var png = await renderer.RenderAsync(bytes, frame, cancellationToken);
            places.DataFolder(Path.Combine("thumbs", image.Sha256[..2]));
            // It can be made again: renamed into place whole, never flushed.
            var part = $"{small}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
            await File.WriteAllBytesAsync(part, png, cancellationToken);
            File.Move(part, small, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is ImageRenderException or IOException)
        {
            return false;
        }
        finally
        {
            _atOnce.Release();
        }
    }
}
