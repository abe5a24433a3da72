namespace MuseWorkbench.Engine.Images;

/// <summary>A part of what an image becomes in a prompt.</summary>
public abstract record ImagePiece;

/// <summary>Tokens around rows: begin, end and separators, as the model was trained with.</summary>
public sealed record ImageTokens(IReadOnlyList<int> Tokens) : ImagePiece;

/// <summary>Rows of embeddings, one cache cell each.</summary>
/// <param name="Rows">Cells taken, ≥ 1.</param>
/// <param name="Positions">
/// Positions taken, 1 to <paramref name="Rows"/>: what follows stands that many after where the rows began. Fewer than rows where
/// the model places them on several axes (M-RoPE).
/// </param>
/// <param name="Axes">Per row, its place relative to the first; null where a row's place is its index.</param>
public sealed record ImageRows(int Rows, int Positions, IReadOnlyList<AxisPosition>? Axes = null) : ImagePiece;

/// <summary>A row's place on the axes of M-RoPE: time, height, width and one in reserve. Time is the one the cache orders by.</summary>
public readonly record struct AxisPosition(int T, int Y, int X, int Z)
{
    /// <summary>A place that is the same on all axes, as that of text.</summary>
    public static AxisPosition Line(int position) => new(position, position, position, position);

    public AxisPosition From(int start) => new(T + start, Y + start, X + start, Z);
}
