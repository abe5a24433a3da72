namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>The order in which an agent looked at things: what it comes back to keeps its first number.</summary>
public static class ReadingOrder
{
    /// <summary>Least overlap at which a place of the same name is one already seen.</summary>
    private const double Same = 0.7;

    /// <param name="marks">One agent's, in any order.</param>
    public static IReadOnlyList<RegionMark> Of(IEnumerable<RegionMark> marks)
    {
        List<RegionMark> seen = [];
        foreach (var mark in marks.OrderBy(mark => mark.Ordinal))
        {
            if (!seen.Exists(other => other.Region.ImageIndex == mark.Region.ImageIndex
                && string.Equals(other.Region.Label, mark.Region.Label, StringComparison.OrdinalIgnoreCase)
                && RegionClusters.Overlap(other.Region, mark.Region) >= Same))
            {
                seen.Add(mark);
            }
        }

        return seen;
    }
}
