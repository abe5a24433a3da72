namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>The order of a place's numbers.</summary>
public enum CoordinateOrder { YxYx, XyXy }

/// <summary>How a model's own preprocessing sizes an image: both sides to a multiple, within limits.</summary>
/// <param name="Multiple">Sides are multiples of this, in pixels.</param>
/// <param name="MinTokens">Least squares of that side.</param>
/// <param name="MaxTokens">Most squares of that side.</param>
public sealed record InputPixels(int Multiple, int MinTokens, int MaxTokens);

/// <summary>
/// How one family writes places: in which form, in which order of numbers, on which scale. All of it is fixed by the
/// model; nothing is ever guessed from how large the numbers are.
/// </summary>
public sealed record GroundingConvention
{
    /// <summary>What the setting <c>Engine:Grounding</c> calls it.</summary>
    public required string Name { get; init; }

    public required CoordinateOrder Order { get; init; }

    /// <summary>A number divided by this is a share (0 to 1) of the model's canvas; without meaning where <see cref="Pixels"/> is set.</summary>
    public double Scale { get; init; } = 1000;

    /// <summary>Numbers are pixels of the image as resized for the model; null where they are shares.</summary>
    public InputPixels? Pixels { get; init; }

    /// <summary>
    /// Width of the bin a number stands for, in the same numbers: an edge is read as its bin's centre. 0 where numbers are
    /// exact edges.
    /// </summary>
    public double BinWidth { get; init; }

    /// <summary>Whether a thought may say "in the close-up" of the second of two pictures.</summary>
    public bool SaysCloseUp { get; init; }

    /// <summary>Whether places are written as JSON that can say which picture they are in (<c>"image": 2</c>): in tags there is no room for it.</summary>
    public bool SaysPictureInJson => Tags is null && Pixels is null;

    /// <summary>The keys under which JSON names places.</summary>
    internal JsonPlaceKeys Json { get; init; } = JsonPlaceKeys.Common;

    /// <summary>Reads the family's tags; null where it writes none.</summary>
    internal Func<PlaceMaker, PlaceTagReader>? Tags { get; init; }

    /// <summary>A task that prompts set by its name, and how the family writes places there; null where there is none.</summary>
    internal (string Task, GroundingConvention Convention)? Variant { get; init; }

    /// <summary>How the family writes places in reply to a prompt.</summary>
    public GroundingConvention For(string prompt) =>
        Variant is { } variant && prompt.Contains(variant.Task, StringComparison.Ordinal) ? variant.Convention : this;
}
