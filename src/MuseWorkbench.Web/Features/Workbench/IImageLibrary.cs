using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>Images users brought, by content. Served to the browser at <c>/images/{sha256}</c>.</summary>
public interface IImageLibrary : IImageStore
{
    /// <summary>Checks and keeps an image.</summary>
    /// <exception cref="ImageRejectedException">Not a PNG, JPEG or WebP, damaged, or over a limit; the message is for the user.</exception>
    Task<ImageRef> AddAsync(Stream content, string name, CancellationToken cancellationToken);

    /// <summary>The image under that hash, or null.</summary>
    ImageRef? Find(string sha256);

    /// <summary>The bundled sample scenes with a suggested question each.</summary>
    IReadOnlyList<SampleScene> Samples { get; }
}

/// <summary>A bundled scene to try.</summary>
public sealed record SampleScene(ImageRef Image, string Question, string Title);

/// <summary>An image was refused; the message is for the user.</summary>
public sealed class ImageRejectedException(string message) : Exception(message);
