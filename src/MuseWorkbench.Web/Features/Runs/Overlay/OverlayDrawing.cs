using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Features.Workbench.Viewer;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>What is drawn on an image, as the viewer's mode has it; nothing in <see cref="BoxMode.Off"/>.</summary>
internal sealed record OverlayDrawing
{
    /// <summary>In the order they are drawn.</summary>
    public IReadOnlyList<OverlayShape> Shapes { get; private init; } = [];

    /// <summary>Whether the shapes are one agent's, numbered in their order and joined by a line, rather than labelled.</summary>
    public bool IsWay { get; private init; }

    /// <summary>How many agents look where; null where places are drawn instead.</summary>
    public AgreementMap? Heat { get; private init; }

    /// <summary>Of how many.</summary>
    public int TeamSize { get; private init; }

    /// <param name="run">Over.</param>
    /// <param name="image">Which of its images, from 0.</param>
    /// <param name="mode">What is shown of its places.</param>
    /// <param name="agent">Whose order in <see cref="BoxMode.Order"/>; null for the first that named anything.</param>
    public static OverlayDrawing Of(RunViewModel run, int image, BoxMode mode, int? agent) => mode switch
    {
        BoxMode.Merged => new() { Shapes = OverlayShape.Merged(run, image) },
        BoxMode.All => new() { Shapes = OverlayShape.All(run, image) },
        BoxMode.Order => new() { Shapes = OverlayShape.Way(run, image, agent ?? run.Marks.Select(mark => mark.Agent).DefaultIfEmpty().Min()), IsWay = true },
        BoxMode.Heat => new() { Heat = AgreementMap.Of(run.Marks, image, Aspect(run.Request!.Images[image])), TeamSize = run.Agents.Length },
        _ => new(),
    };

    private static double Aspect(ImageRef image) => image.Height > 0 ? (double)image.Width / image.Height : 1;
}
