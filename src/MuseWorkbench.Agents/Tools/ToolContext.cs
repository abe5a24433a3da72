using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>What a call may know of the agent that makes it. Thread-safe: calls of one turn run side by side.</summary>
public sealed class ToolContext
{
    /// <summary>The run's images as the agent sees them.</summary>
    public ImmutableArray<ToolImage> Images { get; init; } = [];

    /// <summary>Places the agent has named so far, on the original images.</summary>
    public ImmutableArray<Region> Regions { get; init; } = [];

    /// <summary>Tables that go with the run.</summary>
    public ImmutableArray<TableFile> Tables { get; init; } = [];

    /// <summary>Takes one of the pictures an agent may be given; false where it has had them all.</summary>
    public required Func<bool> TakePicture { get; init; }

    /// <summary>A context without images, for tools that need none.</summary>
    public static ToolContext Empty { get; } = new() { TakePicture = () => false };

    /// <summary>The image an argument names by number, from 1; else what is wrong, for the model.</summary>
    public (ToolImage? Image, string? Error) Find(int number) =>
        Images.IsEmpty ? (null, "No image goes with this question.")
        : number >= 1 && number <= Images.Length ? (Images[number - 1], null)
        : (null, Images.Length == 1 ? "There is one image: number 1." : $"There is no image {number}; they are numbered 1 to {Images.Length}.");
}

/// <summary>One image as the calling agent sees it.</summary>
/// <param name="Ref">The original.</param>
/// <param name="Encoded">The original's bytes.</param>
/// <param name="Frame">What of it the agent sees.</param>
/// <param name="ToImage">From a box as the agent gives it (0 to 1) to the box on the original.</param>
public sealed record ToolImage(ImageRef Ref, ReadOnlyMemory<byte> Encoded, ViewFrame Frame, Func<NormalizedBox, NormalizedBox> ToImage);
