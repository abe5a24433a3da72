using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// Makes places of the numbers a family writes. Numbers that are none (NaN, infinite), boxes without area and points off
/// the canvas make no place; corners in the wrong order are put right, what reaches over an edge is cut off.
/// </summary>
/// <param name="convention">The family's.</param>
/// <param name="inputs">Size of each image as the model saw it, in pixels; used where numbers are pixels.</param>
internal sealed class PlaceMaker(GroundingConvention convention, ImmutableArray<(int Width, int Height)> inputs)
{
    /// <summary>Most corners of a polygon; one with more makes no place.</summary>
    public const int MaxCorners = Region.MaxCorners;

    /// <summary>Four numbers in the family's order.</summary>
    public Place? Box(ReadOnlySpan<double> numbers) => numbers.Length != 4
        ? null
        : convention.Order == CoordinateOrder.YxYx
            ? BoxOf(numbers[1], numbers[0], numbers[3], numbers[2])
            : BoxOf(numbers[0], numbers[1], numbers[2], numbers[3]);

    /// <summary>Edges named one by one, whatever the family's order.</summary>
    public Place? BoxOf(double left, double top, double right, double bottom) =>
        Size is { } size ? Bounded(X(left, size), Y(top, size), X(right, size), Y(bottom, size)) : null;

    /// <summary>Edges that are shares of the canvas already.</summary>
    public static Place? BoxOfShares(double left, double top, double right, double bottom) => Bounded(left, top, right, bottom);

    /// <summary>Two numbers in the family's order.</summary>
    public Place? Point(double first, double second) => convention.Order == CoordinateOrder.YxYx
        ? PointOf(second, first)
        : PointOf(first, second);

    public Place? PointOf(double across, double down)
    {
        if (Size is not { } size)
            return null;
        var (x, y) = (X(across, size), Y(down, size));
        return x is >= 0 and <= 1 && y is >= 0 and <= 1 ? new Place(new NormalizedBox(x, y, x, y)) : null;
    }

    /// <summary>Pairs of numbers in the family's order, three pairs or more.</summary>
    public Place? Polygon(ReadOnlySpan<double> numbers)
    {
        if (numbers.Length < 6 || numbers.Length % 2 != 0 || numbers.Length > 2 * MaxCorners || Size is not { } size)
            return null;
        var corners = ImmutableArray.CreateBuilder<double>(numbers.Length);
        double left = 1, top = 1, right = 0, bottom = 0;
        for (var i = 0; i < numbers.Length; i += 2)
        {
            var (across, down) = convention.Order == CoordinateOrder.YxYx ? (numbers[i + 1], numbers[i]) : (numbers[i], numbers[i + 1]);
            var (x, y) = (X(across, size), Y(down, size));
            if (!double.IsFinite(x) || !double.IsFinite(y))
                return null;
            (x, y) = (Math.Clamp(x, 0, 1), Math.Clamp(y, 0, 1));
            corners.Add(x);
            corners.Add(y);
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
        }
        return right > left && bottom > top ? new Place(new NormalizedBox(left, top, right, bottom), corners.MoveToImmutable()) : null;
    }

    /// <summary>The place in the picture it was said to be in. Pixels of another picture than the first are of no known size.</summary>
    public Place In(Place place, PlacePicture picture) =>
        place with { Picture = convention.Pixels is not null && picture.Index > 0 ? PlacePicture.Uncertain : picture };

    private static Place? Bounded(double x0, double y0, double x1, double y1)
    {
        if (!double.IsFinite(x0) || !double.IsFinite(y0) || !double.IsFinite(x1) || !double.IsFinite(y1))
            return null;
        var box = new NormalizedBox(
            Math.Clamp(Math.Min(x0, x1), 0, 1), Math.Clamp(Math.Min(y0, y1), 0, 1),
            Math.Clamp(Math.Max(x0, x1), 0, 1), Math.Clamp(Math.Max(y0, y1), 0, 1));
        return box.X1 > box.X0 && box.Y1 > box.Y0 ? new Place(box) : null;
    }

    // Without its size, pixels of an image mean nothing. No family of pixels says which image it speaks of.
    private (double Width, double Height)? Size =>
        convention.Pixels is null ? (convention.Scale, convention.Scale)
        : inputs is [var (width, height), ..] ? (width, height)
        : null;

    private double X(double number, (double Width, double Height) size) => (number + (convention.BinWidth / 2)) / size.Width;

    private double Y(double number, (double Width, double Height) size) => (number + (convention.BinWidth / 2)) / size.Height;
}
