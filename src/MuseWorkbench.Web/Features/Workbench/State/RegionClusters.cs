using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>
/// Boxes of several agents around the same thing, seen as one: same label, large overlap, one box an agent.
/// Eight agents that agree then draw six outlines, not forty-eight.
/// </summary>
public sealed class RegionClusters
{
    /// <summary>Least intersection over union with a cluster's box to join it.</summary>
    public const double JoinOverlap = 0.4;

    /// <summary>Points this far apart (in shares of the image) have nothing in common.</summary>
    private const double PointReach = 0.05;

    private readonly List<RegionCluster> _clusters = [];

    public IReadOnlyList<RegionCluster> All => _clusters;

    public void Add(RegionMark mark)
    {
        RegionCluster? best = null;
        var bestOverlap = JoinOverlap;
        foreach (var cluster in _clusters)
        {
            if (cluster.Box.ImageIndex != mark.Region.ImageIndex
                || !string.Equals(cluster.Box.Label, mark.Region.Label, StringComparison.OrdinalIgnoreCase)
                || cluster.Members.Any(member => member.Agent == mark.Agent))
            {
                continue;
            }

            var overlap = Overlap(cluster.Box, mark.Region);
            if (overlap >= bestOverlap)
            {
                (best, bestOverlap) = (cluster, overlap);
            }
        }

        if (best is null)
        {
            best = new RegionCluster(_clusters.Count, mark.Region);
            _clusters.Add(best);
        }

        best.Add(mark);
    }

    /// <summary>Intersection over union of two boxes, or nearness of two points, 0 to 1; a box and a point have none.</summary>
    public static double Overlap(Region a, Region b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.IsPoint || b.IsPoint)
        {
            return a.IsPoint && b.IsPoint ? Math.Max(0, 1 - (Math.Sqrt(Square(a.X0 - b.X0) + Square(a.Y0 - b.Y0)) / PointReach)) : 0;
        }

        return a.Iou(b);

        static double Square(double value) => value * value;
    }
}

/// <summary>One thing on the image and the agents that named it. Its box is the median of theirs.</summary>
public sealed class RegionCluster(int id, Region first)
{
    private readonly List<RegionMark> _members = [];

    public int Id { get; } = id;

    public Region Box { get; private set; } = first;

    /// <summary>In order of arrival; no agent twice.</summary>
    public IReadOnlyList<RegionMark> Members => _members;

    public string MemberKeys { get; private set; } = "";

    internal void Add(RegionMark mark)
    {
        _members.Add(mark);
        MemberKeys = string.Join(' ', _members.Select(member => member.Key));
        Box = Box with
        {
            X0 = Median(r => r.X0), Y0 = Median(r => r.Y0), X1 = Median(r => r.X1), Y1 = Median(r => r.Y1),
            // Outlines have no median: several are shown as the box around them.
            Polygon = _members.Count == 1 ? mark.Region.Polygon : null,
        };
    }

    private double Median(Func<Region, double> edge)
    {
        var values = _members.Select(member => edge(member.Region)).Order().ToArray();
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
