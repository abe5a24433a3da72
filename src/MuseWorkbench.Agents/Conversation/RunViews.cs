using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>An image of a run with its bytes, encoded once for all agents.</summary>
internal sealed record RunImage(ImageRef Ref, DataContent Content);

/// <summary>One image as an agent is shown it.</summary>
/// <param name="Image">The original.</param>
/// <param name="Frame">What of it is shown, and how.</param>
/// <param name="Content">What is sent: the original's own bytes where the frame shows it as it is.</param>
internal sealed record ShownImage(RunImage Image, ViewFrame Frame, DataContent Content);

/// <summary>
/// A run's images under its agents' views. Each picture is made once, so that agents with the same view send the same
/// bytes and share one embedding and one prefill. Thread-safe.
/// </summary>
internal sealed class RunViews(RunRequest request, ImmutableArray<RunImage> images, ViewCache cache)
{
    private readonly ConcurrentDictionary<(int Image, ViewFrame Frame), Lazy<Task<DataContent>>> _pictures = new();

    /// <summary>The run's request.</summary>
    public RunRequest Request => request;

    /// <summary>How each image is shown under a view, in the images' order.</summary>
    public ImmutableArray<ViewFrame> Frames(ViewSpec? view) =>
        [.. images.Select((image, index) => ViewFrame.Of(view, image.Ref.Width, image.Ref.Height, request.CropOf(index)))];

    /// <summary>What an agent sees of the images where it doesn't see them as they are, for the record; else null.</summary>
    public ImmutableArray<SeenImage>? Seen(ViewSpec? view)
    {
        var frames = Frames(view);
        return frames.All(frame => frame.IsOriginal)
            ? null
            : [.. frames.Select(frame => new SeenImage(frame.Box, frame.Flip, frame.Tone, frame.ShownWidth, frame.ShownHeight))];
    }

    /// <summary>The images as a view shows them.</summary>
    /// <exception cref="ImageRenderException">A picture could not be made; the message is for the user.</exception>
    public async Task<ImmutableArray<ShownImage>> ShowAsync(ViewSpec? view, CancellationToken cancellationToken)
    {
        var frames = Frames(view);
        return [.. await Task.WhenAll(images.Select(async (image, index) =>
            new ShownImage(image, frames[index], await PictureAsync(image, index, frames[index]).WaitAsync(cancellationToken))))];
    }

    private async Task<DataContent> PictureAsync(RunImage image, int index, ViewFrame frame)
    {
        if (frame.IsOriginal)
            return image.Content;
        var picture = _pictures.GetOrAdd((index, frame), _ => new(async () =>
            new DataContent(await cache.RenderAsync(image.Ref.Sha256, image.Content.Data, frame), "image/png")));
        try
        {
            return await picture.Value;
        }
        catch
        {
            _pictures.TryRemove(new((index, frame), picture)); // another agent may have better luck
            throw;
        }
    }
}
