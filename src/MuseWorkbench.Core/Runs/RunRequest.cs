using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>What a user asks for: a prompt over zero or more images, by a team.</summary>
public sealed record RunRequest
{
    public required string Prompt { get; init; }
    public ImmutableArray<ImageRef> Images { get; init; } = [];
    public required TeamSpec Team { get; init; }

    /// <summary>The agent of another run that this one asks again; null where it is a question of its own.</summary>
    public RunOrigin? RerunOf { get; init; }

    /// <summary>Rectangles drawn on images, at most one each: what agents with the view <see cref="ViewArea.Drawn"/> see. Null for none.</summary>
    public ImmutableArray<ImageCrop>? Crops { get; init; }

    /// <summary>Tables agents may look things up in. Null for none.</summary>
    public ImmutableArray<TableFile>? Tables { get; init; }

    /// <summary>Which of several waiting requests the engine serves first, -1000 to 1000: lower goes first. Null is 0, what people ask.</summary>
    public int? Priority { get; init; }

    /// <summary>The attempt of an experiment this is; null where someone asked.</summary>
    public ExperimentAttempt? Experiment { get; init; }

    /// <summary>The rectangle drawn on an image; null where there is none.</summary>
    public NormalizedBox? CropOf(int imageIndex) => Crops?.FirstOrDefault(crop => crop.ImageIndex == imageIndex)?.Box;
}

/// <summary>One attempt of an experiment.</summary>
/// <param name="Id">The experiment.</param>
/// <param name="TeamHash">The team as it was frozen there; the run's has its seeds filled in.</param>
/// <param name="Repeat">From 0.</param>
public sealed record ExperimentAttempt(Guid Id, string TeamHash, string CaseId, int Repeat);

/// <summary>A rectangle drawn on one of a run's images.</summary>
/// <param name="ImageIndex">Which of the run's images, from 0.</param>
/// <param name="Box">0 to 1 of the image from its top left.</param>
public sealed record ImageCrop(int ImageIndex, NormalizedBox Box);

/// <summary>A table that goes with a run.</summary>
/// <param name="Name">The name it arrived with; never a path.</param>
/// <param name="Csv">Its text: comma-separated values, the first line naming the columns.</param>
public sealed record TableFile(string Name, string Csv);

/// <summary>An agent of a run, by its index.</summary>
public sealed record RunOrigin(Guid RunId, int Agent);
