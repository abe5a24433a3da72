using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Viewer;

/// <summary>A box's outline cut into equal parts, so that agents that agree on a box each colour a part of it.</summary>
public static class BoxOutline
{
    /// <summary>Part <paramref name="index"/> of <paramref name="count"/> as an SVG path in thousandths of the image, clockwise from the top left corner.</summary>
    /// <param name="aspect">The image's width over its height: parts are equal as seen, not as counted.</param>
    public static string Part(Region box, double aspect, int index, int count)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        var width = (box.X1 - box.X0) * aspect;
        var height = box.Y1 - box.Y0;
        double[] corners = [0, width, width + height, (2 * width) + height, 2 * (width + height)];
        var from = corners[^1] * index / count;
        var to = corners[^1] * (index + 1) / count;

        var path = new StringBuilder("M").Append(Point(from));
        foreach (var corner in corners)
        {
            if (corner > from && corner < to)
            {
                path.Append('L').Append(Point(corner));
            }
        }

        return path.Append('L').Append(Point(to)).ToString();

        string Point(double along)
        {
            var (x, y) = along switch
            {
                _ when along <= corners[1] => (along, 0.0),
                _ when along <= corners[2] => (width, along - corners[1]),
                _ when along <= corners[3] => (corners[3] - along, height),
                _ => (0.0, corners[4] - along),
            };
            return $"{Fmt.Css(1000 * (box.X0 + (x / aspect)))} {Fmt.Css(1000 * (box.Y0 + y))}";
        }
    }
}
