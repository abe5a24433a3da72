using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>Rows of a sequence that an image, or a slice of one, takes. Holds no pixels: prefixes are kept long after their images are gone.</summary>
/// <param name="Start">First row in the sequence.</param>
/// <param name="Position">Position of that row.</param>
/// <param name="Image">Index of the image among the request's.</param>
/// <param name="FirstRow">Its first row among the image's embeddings.</param>
internal sealed record ImageSpan(int Start, int Position, string ContentHash, int Image, int FirstRow, ImageRows Layout)
{
    public int Rows => Layout.Rows;

    public int End => Start + Rows;

    /// <summary>Position of what follows.</summary>
    public int EndPosition => Position + Layout.Positions;

    /// <summary>Whether both stand for the same rows at the same place; one projector gives equal images equal layouts.</summary>
    public bool IsSameAs(ImageSpan other) =>
        (Start, Position, FirstRow, Rows) == (other.Start, other.Position, other.FirstRow, other.Rows) && ContentHash == other.ContentHash;

    /// <summary>Place of one of its rows.</summary>
    /// <param name="row">A row of the sequence.</param>
    public AxisPosition PlaceOf(int row) =>
        Layout.Axes is { } axes ? axes[row - Start].From(Position) : AxisPosition.Line(Position + row - Start);
}
