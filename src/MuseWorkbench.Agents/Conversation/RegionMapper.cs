using System.Collections.Immutable;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>From the canvas a model saw to the image the user gave.</summary>
internal static class RegionMapper
{
    /// <summary>
    /// The region on the original image; null where there is no image or the box lies wholly in the padding. The
    /// conventions read here don't say which of several images a box is in; it is taken to be the first.
    /// </summary>
    public static Region? ToImage(RegionSegment segment, ModelInfo model, ImmutableArray<RunImage> images)
    {
        if (images.IsEmpty)
            return null;
        var image = images[0].Ref;
        var box = ImageCoordinates.ToOriginal(segment.Box, model.ImageFit, image.Width, image.Height);
        return box.X1 > box.X0 && box.Y1 > box.Y0
            ? new Region(segment.Label, box.X0, box.Y0, box.X1, box.Y1)
            : null;
    }
}
