using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>A place as it is drawn.</summary>
internal sealed record OverlayShape(Region Region, string Label, string Colour, string Ink)
{
    /// <summary>One for each thing, in the colour of who named it first, with how many did.</summary>
    public static IReadOnlyList<OverlayShape> Merged(RunViewModel run, int image) =>
    [
        .. run.Clusters.All.Where(cluster => cluster.Box.ImageIndex == image).OrderByDescending(cluster => Area(cluster.Box)).Select(cluster => Of(
            cluster.Box, run.Agents.Length > 1 ? $"{cluster.Box.Label} {cluster.Members.Count}/{run.Agents.Length}".Trim() : cluster.Box.Label, cluster.Members[0].Colour)),
    ];

    /// <summary>Every agent's own.</summary>
    public static IReadOnlyList<OverlayShape> All(RunViewModel run, int image) =>
    [
        .. run.Marks.Where(mark => mark.Region.ImageIndex == image).OrderByDescending(mark => Area(mark.Region)).Select(mark => Of(
            mark.Region, run.Agents.Length > 1 ? $"{mark.Region.Label} A{mark.Agent + 1}".Trim() : mark.Region.Label, mark.Colour)),
    ];

    /// <summary>One agent's, in the order it looked at them.</summary>
    public static IReadOnlyList<OverlayShape> Way(RunViewModel run, int image, int agent) =>
    [
        .. ReadingOrder.Of(run.Marks.Where(mark => mark.Agent == agent && mark.Region.ImageIndex == image)).Select((mark, i) => Of(
            mark.Region, $"{i + 1}. {mark.Region.Label}", mark.Colour)),
    ];

    private static OverlayShape Of(Region region, string label, string colour)
    {
        var (fill, ink) = AgentPalette.Light(colour);
        return new OverlayShape(region, label, fill, ink);
    }

    private static double Area(Region region) => (region.X1 - region.X0) * (region.Y1 - region.Y0);
}
