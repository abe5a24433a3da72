using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>A place on the model's canvas, in shares of 0 to 1 from the top left.</summary>
/// <param name="Box">What surrounds it; a point where the corners are one.</param>
/// <param name="Polygon">Its outline as x, y, x, y …; null where it has none.</param>
internal readonly record struct Place(NormalizedBox Box, ImmutableArray<double>? Polygon = null)
{
    /// <summary>Which of the pictures shown.</summary>
    public PlacePicture Picture { get; init; } = PlacePicture.Unnamed;
}
