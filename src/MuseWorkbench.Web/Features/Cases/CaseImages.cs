using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Web.Features.Workbench;

namespace MuseWorkbench.Web.Features.Cases;

/// <summary>Images of cases lie with all the others, and are decoded where all the others are.</summary>
internal sealed class CaseImages(ImageLibrary library, IImageInspector inspector) : ICaseImages
{
    public async Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        try
        {
            return await inspector.InspectAsync(encoded, cancellationToken);
        }
        catch (ImageRejectedException e)
        {
            throw new CaseImageRefusedException(e.Message);
        }
    }

    // On the pool: the writes wait for the disk.
    public Task KeepAsync(ReadOnlyMemory<byte> encoded, ImageRef image, CancellationToken cancellationToken) =>
        Task.Run(() => library.AddAsync(encoded, image.Name, cancellationToken).AsTask(), cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) => library.ReadAsync(sha256, cancellationToken);
}
