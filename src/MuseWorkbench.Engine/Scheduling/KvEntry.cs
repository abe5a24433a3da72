namespace MuseWorkbench.Engine.Scheduling;

/// <summary>A sequence id of the runtime in use: by a running sequence, or pinned as a prefix for later ones.</summary>
internal sealed class KvEntry(int id, Elements elements)
{
    public int Id { get; } = id;

    /// <summary>What the cells hold, from position 0; elements from <see cref="Length"/> on are not computed yet.</summary>
    public Elements Elements { get; } = elements;

    public int Length { get; set; }

    public bool Pinned { get; set; }

    /// <summary>False once its id is given back.</summary>
    public bool Alive { get; set; } = true;

    /// <summary>Higher is more recent.</summary>
    public long LastUsed { get; set; }

    /// <summary>Rows computed in all by then.</summary>
    public long UsedAtRow { get; set; }

    /// <summary>The run of cells that ends at <see cref="Length"/>; null while nothing is computed.</summary>
    public CellRun? Tip { get; set; }

    /// <summary>Its cells: those others hold, too, and those it alone holds.</summary>
    public (int Shared, int Alone) CountCells()
    {
        var (shared, alone) = (0, 0);
        for (var run = Tip; run is not null; run = run.Parent)
        {
            (shared, alone) = run.Running + run.Pinned > 1 ? (shared + run.Cells, alone) : (shared, alone + run.Cells);
        }
        return (shared, alone);
    }
}

/// <summary>
/// Cells for the positions [Start, End) held by the same entries: a node of a radix tree whose paths are the entries.
/// The holders of a run hold its parents too.
/// </summary>
internal sealed class CellRun
{
    public CellRun? Parent { get; set; }
    public int Start { get; set; }
    public int End { get; set; }
    public int Running { get; set; }
    public int Pinned { get; set; }

    public int Cells => End - Start;

    public CellKind Kind => (Running, Pinned) switch
    {
        (0, 0) => CellKind.Free,
        (0, _) => CellKind.Pinned,
        (1, 0) => CellKind.Private,
        _ => CellKind.Shared,
    };
}

/// <summary>Who holds a cell; see <see cref="Core.KvCells"/>.</summary>
internal enum CellKind { Free, Pinned, Shared, Private }
