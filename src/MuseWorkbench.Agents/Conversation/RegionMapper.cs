using System.Collections.Immutable;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>From the canvas a model saw to the image the user gave: the padding off, then the view undone.</summary>
internal static class RegionMapper
{
    // A point has no area to lose in the padding, so this much around it stands for it.
    private const double PointMargin = 1e-6;

    /// <summary>
    /// The region on the original image; null where it isn't certain which picture the place is in, or it lies wholly in the
    /// padding.
    /// </summary>
    /// <param name="segment">On the canvas.</param>
    /// <param name="fit">How pictures come onto the canvas.</param>
    /// <param name="pictures">Those the model has been shown, in order.</param>
    public static Region? ToImage(RegionSegment segment, ImageFit fit, IReadOnlyList<ShownPicture> pictures)
    {
        if (PictureOf(segment.Picture, pictures) is not { } picture)
            return null;
        var frame = picture.Frame;
        var isPoint = segment.Box is { } point && point.X0 == point.X1 && point.Y0 == point.Y1;
        var box = ToOriginal(isPoint ? Around(segment.Box) : segment.Box);
        if (box.X1 <= box.X0 || box.Y1 <= box.Y0)
            return null;
        if (isPoint)
            box = ToOriginal(segment.Box);
        return new Region(segment.Label, box.X0, box.Y0, box.X1, box.Y1, picture.Image)
        {
            Polygon = segment.Polygon is { } corners ? Map(corners) : null,
        };

        NormalizedBox ToOriginal(NormalizedBox onCanvas) => ToImage(onCanvas, fit, frame);

        ImmutableArray<double> Map(ImmutableArray<double> corners)
        {
            var mapped = ImmutableArray.CreateBuilder<double>(corners.Length);
            for (var i = 0; i < corners.Length; i += 2)
            {
                var corner = ToOriginal(new NormalizedBox(corners[i], corners[i + 1], corners[i], corners[i + 1]));
                mapped.Add(corner.X0);
                mapped.Add(corner.Y0);
            }
            return mapped.MoveToImmutable();
        }
    }

    /// <summary>A box on the canvas of the picture a frame shows, on the original image; empty where it lies wholly in the padding.</summary>
    public static NormalizedBox ToImage(NormalizedBox box, ImageFit fit, ViewFrame frame) =>
        frame.ToImage(ImageCoordinates.ToOriginal(box, fit, frame.ShownWidth, frame.ShownHeight));

    /// <summary>How large each image is as the model's own preprocessing makes it; empty where its places are no pixels.</summary>
    public static ImmutableArray<(int Width, int Height)> Inputs(ModelMarkup markup, ImmutableArray<ShownImage> images) =>
        markup.Grounding?.Pixels is not { } pixels
            ? []
            : [.. images.Select(image => ModelCanvas.Stretch(image.Frame.ShownWidth, image.Frame.ShownHeight, pixels.Multiple, pixels.MinTokens, pixels.MaxTokens))
                .Select(canvas => (canvas.Width, canvas.Height))];

    // A format that names no picture speaks of the images asked about, taken to be the first; with a tool's picture beside
    // them it may as well speak of that.
    private static ShownPicture? PictureOf(PlacePicture named, IReadOnlyList<ShownPicture> pictures)
    {
        if (named == PlacePicture.Unnamed)
            return pictures.Count == 0 || pictures.Any(picture => picture.IsOfTool) ? null : pictures[0];
        if (named == PlacePicture.CloseUp)
            return pictures.Count == 2 ? pictures[1] : null;
        return named.Index >= 0 && named.Index < pictures.Count ? pictures[named.Index] : null;
    }

    private static NormalizedBox Around(NormalizedBox point) =>
        new(point.X0 - PointMargin, point.Y0 - PointMargin, point.X1 + PointMargin, point.Y1 + PointMargin);
}

/// <summary>A picture a model has been shown.</summary>
/// <param name="Image">Which of the run's images it is of, from 0.</param>
/// <param name="Frame">What of that image it shows.</param>
internal sealed record ShownPicture(int Image, ViewFrame Frame)
{
    /// <summary>Whether a tool gave it, rather than the question.</summary>
    public bool IsOfTool { get; init; }
}
