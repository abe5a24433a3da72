namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Prefixes that had to leave the KV cache, kept in host memory: putting one back costs a copy instead of a prefill. Pieces form a
/// tree, each holding only the rows that its parents don't. Bookkeeping only; the cells themselves are moved by <see cref="KvCommand"/>s.
/// Least recently used out, from the leaves.
/// </summary>
/// <param name="budget">Bytes.</param>
/// <param name="cellBytes">Bytes of a row.</param>
internal sealed class PrefixStore(long budget, long cellBytes)
{
    /// <summary>Fewer rows are sooner computed than moved.</summary>
    internal const int WorthMoving = 16;

    private readonly List<StoredPrefix> _pieces = [];
    private long _clock;

    /// <summary>By the budget's measure; what the runtime writes beside the cells is little.</summary>
    public long Bytes { get; private set; }

    /// <summary>Pieces to forget, in the order in which that was decided.</summary>
    public required Action<StoredPrefix> Drop { get; init; }

    /// <summary>The piece with the longest beginning in common, and its length.</summary>
    public (StoredPrefix? Piece, int Rows) Match(Elements elements, int limit)
    {
        var best = default((StoredPrefix? Piece, int Rows));
        foreach (var piece in _pieces)
        {
            // What lies before a piece's own rows, its parents have too.
            var rows = Math.Min(elements.CommonPrefix(piece.Elements, limit), piece.To);
            if (rows > Math.Max(best.Rows, piece.From))
            {
                best = (piece, rows);
            }
        }
        return best;
    }

    /// <summary>Makes room for the first rows of a sequence. Null where they are there already, are too few, or too many.</summary>
    public StoredPrefix? Add(Elements elements, int length)
    {
        var (parent, from) = Match(elements, length);
        if (parent is not null)
        {
            Use(parent);
        }
        var bytes = (length - from) * cellBytes;
        if (length - from < WorthMoving || bytes > budget)
        {
            return null;
        }
        var piece = new StoredPrefix(elements, from, length, parent);
        Enter(piece);
        while (Bytes + bytes > budget)
        {
            if (_pieces.Where(p => p.Children == 0 && p != piece).MinBy(p => p.LastUsed) is not { } last)
            {
                Remove(piece);
                return null;
            }
            Remove(last);
            last.Dropped = true;
            Bytes -= BytesOf(last);
            Drop(last);
        }
        Bytes += bytes;
        return piece;
    }

    public void Use(StoredPrefix piece) => piece.LastUsed = ++_clock;

    private long BytesOf(StoredPrefix piece) => (piece.To - piece.From) * cellBytes;

    private void Enter(StoredPrefix piece)
    {
        _pieces.Add(piece);
        Use(piece);
        if (piece.Parent is { } parent)
        {
            parent.Children++;
        }
    }

    private void Remove(StoredPrefix piece)
    {
        _pieces.Remove(piece);
        if (piece.Parent is { } parent)
        {
            parent.Children--;
        }
    }
}

/// <summary>Rows [<paramref name="from"/>, <paramref name="to"/>) of a prefix, in host memory.</summary>
/// <param name="elements">What the rows are, from the prefix's beginning.</param>
/// <param name="parent">Holds the rows before these, and maybe others after them; null where there are none.</param>
internal sealed class StoredPrefix(Elements elements, int from, int to, StoredPrefix? parent)
{
    public Elements Elements { get; } = elements;

    public int From { get; } = from;

    public int To { get; } = to;

    public StoredPrefix? Parent { get; } = parent;

    /// <summary>Pieces that go on where this one ends, or within it.</summary>
    public int Children { get; set; }

    /// <summary>Higher is more recent.</summary>
    public long LastUsed { get; set; }

    /// <summary>Whether it had to make room for others.</summary>
    public bool Dropped { get; set; }

    /// <summary>The cells, once they are taken out of the cache; the engine thread's.</summary>
    public Runtimes.SavedCells? Cells { get; set; }

    /// <summary>The pieces that make up the rows from <paramref name="from"/> to <paramref name="to"/>, first ones first, with what to take of each.</summary>
    public IReadOnlyList<(StoredPrefix Piece, int From, int To)> Path(int from, int to)
    {
        var path = new List<(StoredPrefix, int, int)>();
        for (var piece = this; piece is not null && to > from; piece = piece.Parent)
        {
            path.Insert(0, (piece, Math.Max(from, piece.From), to));
            to = piece.From;
        }
        return path;
    }
}
