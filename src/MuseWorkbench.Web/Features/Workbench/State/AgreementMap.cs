using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>
/// How many agents look where: the image in cells, and in each the number of agents of whose places one covers the cell's
/// centre. A point covers what lies near it.
/// </summary>
/// <param name="Runs">Cells side by side with the same count, those without any left out.</param>
/// <param name="Most">The largest count.</param>
public sealed record AgreementMap(IReadOnlyList<AgreementRun> Runs, int Most)
{
    private const int Columns = 64;
    private const double PointReach = 0.03;

    /// <param name="marks">All agents'.</param>
    /// <param name="imageIndex">Which image.</param>
    /// <param name="aspect">Its width over its height: cells are about square.</param>
    public static AgreementMap Of(IEnumerable<RegionMark> marks, int imageIndex, double aspect)
    {
        var rows = (int)Math.Clamp(Math.Round(Columns / aspect), 8, 128);
        var counts = new int[rows, Columns];
        foreach (var agent in marks.Where(mark => mark.Region.ImageIndex == imageIndex).GroupBy(mark => mark.Agent))
        {
            Count(counts, [.. agent.Select(mark => mark.Region)], aspect);
        }

        var runs = RunsOf(counts);
        return new AgreementMap(runs, runs.Count == 0 ? 0 : runs.Max(run => run.Count));
    }

    // Each agent counts once in a cell, however many of its places cover it.
    private static void Count(int[,] counts, IReadOnlyList<Region> regions, double aspect)
    {
        var rows = counts.GetLength(0);
        var covered = new bool[rows, Columns];
        foreach (var region in regions)
        {
            var (reachX, reachY) = region.IsPoint ? (PointReach, PointReach * aspect) : (0, 0);
            var (left, right) = Span(region.X0 - reachX, region.X1 + reachX, Columns);
            var (top, bottom) = Span(region.Y0 - reachY, region.Y1 + reachY, rows);
            for (var row = top; row < bottom; row++)
            {
                for (var column = left; column < right; column++)
                {
                    covered[row, column] |= region.Polygon is not { } outline || IsInside(outline.AsSpan(), (column + 0.5) / Columns, (row + 0.5) / rows);
                }
            }
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                counts[row, column] += covered[row, column] ? 1 : 0;
            }
        }
    }

    /// <summary>The cells whose centres lie between two edges.</summary>
    private static (int From, int To) Span(double from, double to, int cells) =>
        ((int)Math.Clamp(Math.Ceiling((from * cells) - 0.5), 0, cells), (int)Math.Clamp(Math.Floor((to * cells) - 0.5) + 1, 0, cells));

    // Even-odd rule: a ray to the right crosses the outline an odd number of times.
    private static bool IsInside(ReadOnlySpan<double> outline, double x, double y)
    {
        var inside = false;
        for (int i = 0, j = outline.Length - 2; i < outline.Length; j = i, i += 2)
        {
            if (outline[i + 1] > y != outline[j + 1] > y
                && x < ((outline[j] - outline[i]) * (y - outline[i + 1]) / (outline[j + 1] - outline[i + 1])) + outline[i])
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static List<AgreementRun> RunsOf(int[,] counts)
    {
        List<AgreementRun> runs = [];
        var rows = counts.GetLength(0);
        for (var row = 0; row < rows; row++)
        {
            for (int from = 0, to; from < Columns; from = to)
            {
                for (to = from + 1; to < Columns && counts[row, to] == counts[row, from]; to++)
                {
                }

                if (counts[row, from] > 0)
                {
                    runs.Add(new AgreementRun((double)from / Columns, (double)row / rows, (double)(to - from) / Columns, 1.0 / rows, counts[row, from]));
                }
            }
        }

        return runs;
    }
}

/// <summary>Cells with the same count, in shares of the image.</summary>
public sealed record AgreementRun(double X, double Y, double Width, double Height, int Count);
