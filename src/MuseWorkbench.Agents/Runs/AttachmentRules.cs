using System.Collections.Immutable;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What must hold of the rectangles and tables that go with a run.</summary>
internal static class AttachmentRules
{
    /// <summary>What is wrong with them, in words; null where nothing is. The team has been checked before.</summary>
    public static string? Fault(RunRequest request, StrategyCatalogue strategies)
    {
        var crops = request.Crops ?? [];
        var tables = request.Tables ?? [];
        if (crops.IsDefault || tables.IsDefault)
            return "The request's rectangles or tables can't be read.";
        return CropFault(crops, request.Images.IsDefault ? 0 : request.Images.Length)
            ?? DrawnFault(request, strategies)
            ?? CsvTable.Fault(tables);
    }

    private static string? CropFault(ImmutableArray<ImageCrop> crops, int images) =>
        crops.Any(crop => crop is null || crop.ImageIndex < 0 || crop.ImageIndex >= images) ? "A rectangle is drawn on an image that is not there."
        : crops.DistinctBy(crop => crop.ImageIndex).Count() < crops.Length ? "Two rectangles are drawn on one image; one is allowed."
        : crops.Any(crop => !crop.Box.IsProper) ? "A rectangle must lie on its image, its left before its right and its top before its bottom."
        : null;

    // An agent that was to look closer and is shown the whole image instead would go unnoticed.
    private static string? DrawnFault(RunRequest request, StrategyCatalogue strategies)
    {
        if (request.Images.IsDefaultOrEmpty || request.Crops is [_, ..])
            return null;
        var team = request.Team;
        var agents = strategies.Find(team.Strategy) is { Info.Lead: not null } && team.Lead is { } lead ? team.Agents.Add(lead) : team.Agents;
        return agents.FirstOrDefault(agent => agent.View is { Area: ViewArea.Drawn }) is { } asks
            ? $"{asks.Name} looks at the rectangle drawn on the image: draw one first, or give it another view."
            : null;
    }
}
