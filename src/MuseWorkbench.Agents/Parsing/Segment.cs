using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing;

/// <summary>A piece of what a model said, in order.</summary>
public abstract record Segment;

/// <summary>More text of a channel, markup removed.</summary>
public sealed record TextSegment(TextChannel Channel, string Text) : Segment;

/// <summary>
/// A whole tool call. <paramref name="Error"/> is null where it could be read, else says what is wrong, for the model;
/// <paramref name="Arguments"/> is then the call's raw text.
/// </summary>
public sealed record ToolCallSegment(string Name, string Arguments, string? Error = null) : Segment;

/// <summary>
/// A place; its words are <c>[TextStart, TextStart + TextLength)</c> of the channel's accumulated text. The box is on the
/// model's canvas, its corners in order, its area above zero; of a point, both corners are the point.
/// </summary>
public sealed record RegionSegment(TextChannel Channel, int TextStart, int TextLength, string Label, NormalizedBox Box) : Segment
{
    /// <summary>The outline, x, y, x, y … in shares of the canvas; null where the place is a box or a point.</summary>
    public ImmutableArray<double>? Polygon { get; init; }

    /// <summary>Which of the pictures shown.</summary>
    public PlacePicture Picture { get; init; } = PlacePicture.Unnamed;
}
