using System.Text.Json.Serialization;

namespace MuseWorkbench.Core;

/// <summary>How an agent is shown the run's images: which part, which way round, in which tone. The default is the image as it is.</summary>
public sealed record ViewSpec
{
    public ViewArea Area { get; init; }

    /// <summary>With <see cref="ViewArea.Box"/>: the part shown, 0 to 1 of the image from its top left. Null otherwise.</summary>
    public NormalizedBox? Box { get; init; }

    /// <summary>Left and right exchanged.</summary>
    public bool Flip { get; init; }

    /// <summary>Whether a part is scaled up to the size of the whole image, at most <see cref="ViewFrame.MaxEnlargement"/> times.</summary>
    public bool Enlarge { get; init; }

    public ViewTone Tone { get; init; }

    /// <summary>
    /// How many times as large as it is (or as <see cref="Enlarge"/> makes it) the part is shown, <see cref="ViewFrame.MinScale"/> to
    /// <see cref="ViewFrame.MaxEnlargement"/>; null for 1. Larger, small things cover more of a model's patches, and the picture costs more tokens.
    /// </summary>
    public double? Scale { get; init; }

    /// <summary>What is wrong with it, in words; null where nothing is.</summary>
    [JsonIgnore]
    public string? Fault => Area switch
    {
        _ when !Enum.IsDefined(Area) || !Enum.IsDefined(Tone) => "the view is unknown",
        ViewArea.Box when Box is not { } box || !box.IsProper => "the view needs a box with x0 < x1 and y0 < y1, all of them 0 to 1",
        not ViewArea.Box when Box is not null => "a view's box is for the area 'box' alone",
        // Written so that NaN is out of range.
        _ when Scale is { } scale && !(scale >= ViewFrame.MinScale && scale <= ViewFrame.MaxEnlargement) => "a view's scale must lie between 0.25 and 4",
        _ => null,
    };
}

/// <summary>Which part of an image is shown.</summary>
public enum ViewArea
{
    Full,
    /// <summary>The middle, 60 % of each side.</summary>
    Centre,
    /// <summary>Tiles are 60 % of each side: neighbours overlap, so that what lies on a seam is whole in one of them.</summary>
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
    /// <summary>A part of one's own.</summary>
    Box,
    /// <summary>The rectangle drawn for this run; images without one are shown whole.</summary>
    Drawn,
}

/// <summary>What becomes of an image's colours. Levels are 0 to 255 as stored, cut off at both ends.</summary>
public enum ViewTone
{
    AsIs,
    Grey,
    /// <summary>1.6 × (level − 128) + 128.</summary>
    Contrast,
    /// <summary>1.35 × level.</summary>
    Brighter,
    /// <summary>0.65 × level.</summary>
    Darker,
}
