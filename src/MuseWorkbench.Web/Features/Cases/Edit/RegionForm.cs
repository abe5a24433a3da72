using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>A place under edit: box, point or polygon, moved and resized as a whole.</summary>
public sealed class RegionForm(Region region)
{
    /// <summary>Stays the same while others come and go.</summary>
    public Guid Key { get; } = Guid.NewGuid();

    public string Label { get; set; } = region.Label;
    public int ImageIndex { get; set; } = region.ImageIndex;
    public double X0 { get; private set; } = region.X0;
    public double Y0 { get; private set; } = region.Y0;
    public double X1 { get; private set; } = region.X1;
    public double Y1 { get; private set; } = region.Y1;

    /// <summary>Corners as x, y, x, y …; null where it is a box or a point.</summary>
    public ImmutableArray<double>? Polygon { get; private set; } = region.Polygon;

    public bool IsPoint => X0 == X1 && Y0 == Y1;

    public Region ToRegion() => new(Label, X0, Y0, X1, Y1, ImageIndex) { Polygon = Polygon };

    /// <summary>Puts its edges where they are told, in shares of the image, in either order; a polygon's corners go along.</summary>
    public void Place(double x0, double y0, double x1, double y1)
    {
        var (left, top) = (Share(Math.Min(x0, x1)), Share(Math.Min(y0, y1)));
        var (right, bottom) = (Share(Math.Max(x0, x1)), Share(Math.Max(y0, y1)));
        if (Polygon is { } corners)
            Polygon = [.. corners.Select((corner, i) => i % 2 == 0 ? Move(corner, X0, X1, left, right) : Move(corner, Y0, Y1, top, bottom))];
        (X0, Y0, X1, Y1) = (left, top, right, bottom);
    }

    /// <summary>Moves it, as far as the image goes.</summary>
    public void Move(double dx, double dy)
    {
        dx = Math.Clamp(dx, -X0, 1 - X1);
        dy = Math.Clamp(dy, -Y0, 1 - Y1);
        Place(X0 + dx, Y0 + dy, X1 + dx, Y1 + dy);
    }

    /// <summary>Moves its right and bottom edges; it never turns over.</summary>
    public void Resize(double dx, double dy) => Place(X0, Y0, Math.Clamp(X1 + dx, X0, 1), Math.Clamp(Y1 + dy, Y0, 1));

    private static double Move(double at, double from, double to, double newFrom, double newTo) =>
        Share(to > from ? newFrom + ((at - from) / (to - from) * (newTo - newFrom)) : newFrom);

    private static double Share(double value) => Math.Round(Math.Clamp(value, 0, 1), 6);
}
