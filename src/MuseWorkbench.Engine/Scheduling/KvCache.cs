using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Which sequence id holds which prefix, and how many cells that takes, a cell shared by several counted once.
/// Bookkeeping only: what the runtime must do is left in <see cref="Commands"/>, in order.
/// Finished prompts stay as pinned entries until their cells or ids are needed, least recently used out first, or until
/// they have idled for longer than the budget lets them. Where there is a store in host memory, they go there.
/// </summary>
internal sealed class KvCache
{
    private readonly PrefixBudget _budget;
    private readonly Stack<int> _freeIds;
    private readonly List<KvEntry> _entries = [];
    private readonly int[] _cells = new int[4];
    private readonly PrefixStore? _store;
    private long _clock;
    private long _rows;

    public KvCache(int capacity, int sequenceIds, PrefixBudget? budget = null)
    {
        Capacity = capacity;
        _budget = budget ?? new PrefixBudget(sequenceIds, capacity);
        _freeIds = new Stack<int>(Enumerable.Range(0, sequenceIds).Reverse());
        _store = _budget.StoreBytes == 0
            ? null
            : new PrefixStore(_budget.StoreBytes, _budget.CellBytes) { Drop = piece => Commands.Enqueue(new KvCommand.Drop(piece)) };
    }

    public int Capacity { get; }

    public Queue<KvCommand> Commands { get; } = new();

    /// <summary>Pinned entries given up for others' cells or ids, or for the budget.</summary>
    public long Evictions { get; private set; }

    /// <summary>Rows put back from host memory.</summary>
    public long RowsRestored { get; private set; }

    /// <summary>Host memory that prefixes take which had to leave.</summary>
    public long StoredBytes => _store?.Bytes ?? 0;

    /// <summary>Cells that running sequences hold; all others can be had.</summary>
    public int Held => _cells[(int)CellKind.Shared] + _cells[(int)CellKind.Private];

    public int Free => Capacity - Held - _cells[(int)CellKind.Pinned];

    public KvCells Cells => new(Capacity, _cells[(int)CellKind.Pinned], _cells[(int)CellKind.Shared], _cells[(int)CellKind.Private]);

    /// <summary>Those kept for reuse, last used first.</summary>
    public IEnumerable<KvEntry> PinnedEntries => _entries.Where(e => e.Pinned).OrderByDescending(e => e.LastUsed);

    /// <summary>The longest beginning that can be had, counting what a running entry is still to compute.</summary>
    public PrefixMatch Match(Elements elements, int limit)
    {
        var best = default(PrefixMatch);
        foreach (var entry in _entries)
        {
            var common = elements.CommonPrefix(entry.Elements, limit);
            var ready = elements.WholeImages(Math.Min(common, entry.Length));
            if (entry.Pinned)
            {
                common = ready;
            }
            if ((common, ready).CompareTo((best.Common, best.Shared)) > 0)
            {
                best = new PrefixMatch(entry, common, ready, null, ready);
            }
        }
        return _store?.Match(elements, limit) is ({ } piece, var rows) && rows >= best.Common && rows - best.Shared >= PrefixStore.WorthMoving
            ? best with { Common = rows, Piece = piece, Ready = rows }
            : best;
    }

    /// <summary>Takes an id for a sequence, with as much of a match as can be had. Null where no id is left.</summary>
    public KvEntry? Hold(Elements elements, PrefixMatch match)
    {
        var source = match.Entry;
        if (_freeIds.Count == 0 && !Evict(LeastRecent(e => e != source)))
        {
            // The only pinned entry is the one to share: its place is taken over.
            if (source is not { Pinned: true })
            {
                return null;
            }
            Trim(source, match.Shared);
            Count(source.Tip, pinned: true, -1);
            Count(source.Tip, pinned: false, +1);
            _entries.Remove(source);
            source.Alive = false;
            Evictions++;
            return Enter(new KvEntry(source.Id, elements) { Length = match.Shared, Tip = source.Tip });
        }
        var entry = Enter(new KvEntry(_freeIds.Pop(), elements));
        if (source is not null && match.Shared > 0)
        {
            Use(source);
            entry.Length = match.Shared;
            entry.Tip = RunEndingAt(source, match.Shared);
            Count(entry.Tip, pinned: false, +1);
            Commands.Enqueue(new KvCommand.Share(source.Id, entry.Id, elements.PositionAt(match.Shared)));
        }
        if (match.Piece is { } piece)
        {
            Restore(entry, piece, match.Ready);
        }
        return entry;
    }

    /// <summary>Counts rows that a decode has added to a running entry.</summary>
    public void Extend(KvEntry entry, int rows)
    {
        Grow(entry, rows);
        _rows += rows;
    }

    /// <summary>Ends a running entry, keeping its first rows for reuse unless another entry has them too.</summary>
    public void Pin(KvEntry entry, int rows)
    {
        rows = entry.Elements.WholeImages(rows);
        var same = _entries.Find(e => e != entry && e.Length >= rows && e.Elements.CommonPrefix(entry.Elements, rows) == rows);
        if (rows == 0 || same is not null)
        {
            if (same is not null)
            {
                Use(same);
            }
            Release(entry);
            return;
        }
        Trim(entry, rows);
        Count(entry.Tip, pinned: true, +1);
        Count(entry.Tip, pinned: false, -1);
        entry.Pinned = true;
        Use(entry);
        while ((_entries.Count(e => e.Pinned) > _budget.Entries || _cells[(int)CellKind.Pinned] > _budget.Cells) && Evict(LeastRecent(_ => true)))
        {
        }
    }

    /// <summary>Gives an entry's cells up, having them copied to host memory where there is a store.</summary>
    public void SwapOut(KvEntry entry)
    {
        if (_store?.Add(entry.Elements, entry.Length) is { } piece)
        {
            Commands.Enqueue(new KvCommand.Save(piece, entry.Id, entry.Elements.PositionAt(piece.From), entry.Elements.PositionAt(piece.To)));
        }
        Release(entry);
    }

    /// <summary>Evicts pinned entries that keep cells of their own and have idled too long, or will have by the end of what is at hand.</summary>
    /// <param name="coming">
    /// Rows about to be computed: better without those entries' cells than with them. Given up later, the cells would be free but not gone:
    /// a row attends to all cells up to the last one in use, and what is computed meanwhile lies behind them.
    /// </param>
    public void EvictIdle(int coming)
    {
        while (Evict(LeastRecent(e => _rows + coming - e.UsedAtRow > _budget.IdleRows && e.Tip!.Running == 0)))
        {
        }
    }

    /// <summary>Evicts pinned entries until so many cells are free, if that can be.</summary>
    public bool MakeRoom(int cells)
    {
        while (Free < cells && Evict())
        {
        }
        return Free >= cells;
    }

    /// <summary>Evicts the least recently used entry that would free cells.</summary>
    public bool Evict() => Evict(LeastRecent(e => e.Tip!.Running == 0));

    /// <summary>What holding a match takes: cells of its entry that no running sequence holds, and those to restore.</summary>
    public static int CellsToHold(PrefixMatch match)
    {
        var cells = match.Piece is { } piece ? CellsToRestore(piece.Path(match.Shared, match.Ready)) : 0;
        for (var run = match.Entry?.Tip; run is { Running: 0 }; run = run.Parent)
        {
            cells += Math.Max(0, Math.Min(run.End, match.Shared) - run.Start);
        }
        return cells;
    }

    /// <summary>The rows themselves, and for a moment those that are stored together with them.</summary>
    private static int CellsToRestore(IReadOnlyList<(StoredPrefix Piece, int From, int To)> path) =>
        path.Sum(part => part.To - part.From) + path.Max(part => part.Piece.To - part.Piece.From - (part.To - part.From));

    private void Release(KvEntry entry)
    {
        Count(entry.Tip, entry.Pinned, -1);
        Commands.Enqueue(new KvCommand.Cut(entry.Id, 0));
        _entries.Remove(entry);
        _freeIds.Push(entry.Id);
        entry.Alive = false;
    }

    private void Restore(KvEntry entry, StoredPrefix piece, int rows)
    {
        var path = piece.Path(entry.Length, rows);
        // Commands are carried out in order: what has to leave for this is still to be asked to.
        _store!.Use(piece);
        if (!MakeRoom(CellsToRestore(path)) || piece.Dropped)
        {
            return;
        }
        foreach (var (part, from, to) in path)
        {
            Commands.Enqueue(new KvCommand.Load(part, entry.Id, entry.Elements.PositionAt(from), entry.Elements.PositionAt(to)));
        }
        RowsRestored += rows - entry.Length;
        Grow(entry, rows - entry.Length);
    }

    private void Grow(KvEntry entry, int rows)
    {
        if (entry.Tip is not { Running: 1, Pinned: 0 })
        {
            entry.Tip = new CellRun { Parent = entry.Tip, Start = entry.Length, End = entry.Length, Running = 1 };
        }
        entry.Tip.End += rows;
        entry.Length += rows;
        _cells[(int)entry.Tip.Kind] += rows;
    }

    private bool Evict(KvEntry? entry)
    {
        if (entry is null)
        {
            return false;
        }
        SwapOut(entry);
        Evictions++;
        return true;
    }

    private KvEntry? LeastRecent(Predicate<KvEntry> among) => _entries.Where(e => e.Pinned && among(e)).MinBy(e => e.LastUsed);

    private void Use(KvEntry entry)
    {
        entry.LastUsed = ++_clock;
        entry.UsedAtRow = _rows;
    }

    private KvEntry Enter(KvEntry entry)
    {
        _entries.Add(entry);
        return entry;
    }

    private void Trim(KvEntry entry, int rows)
    {
        if (rows == entry.Length)
        {
            return;
        }
        var tip = RunEndingAt(entry, rows);
        for (var run = entry.Tip; run != tip; run = run!.Parent)
        {
            Count(run!, entry.Pinned, -1, alone: true);
        }
        entry.Tip = tip;
        entry.Length = rows;
        Commands.Enqueue(new KvCommand.Cut(entry.Id, entry.Elements.PositionAt(rows)));
    }

    /// <summary>The run on an entry's path that ends at a row, cut there if need be.</summary>
    private static CellRun? RunEndingAt(KvEntry entry, int row)
    {
        var run = entry.Tip;
        while (run is not null && run.Start >= row)
        {
            run = run.Parent;
        }
        if (run is not null && run.End > row)
        {
            // The upper part is new and the lower keeps its identity, so the tips and parents that point at it stay right.
            run.Parent = new CellRun { Parent = run.Parent, Start = run.Start, End = row, Running = run.Running, Pinned = run.Pinned };
            run.Start = row;
            run = run.Parent;
        }
        return run;
    }

    /// <summary>Adds to the holders of a run and, unless <paramref name="alone"/>, of all before it.</summary>
    private void Count(CellRun? tip, bool pinned, int change, bool alone = false)
    {
        for (var run = tip; run is not null; run = alone ? null : run.Parent)
        {
            _cells[(int)run.Kind] -= run.Cells;
            if (pinned)
            {
                run.Pinned += change;
            }
            else
            {
                run.Running += change;
            }
            _cells[(int)run.Kind] += run.Cells;
        }
    }
}

/// <summary>How much may stay pinned; running sequences take what they need of it at any time.</summary>
/// <param name="Entries">Prefixes.</param>
/// <param name="Cells">Cells that no running sequence holds.</param>
/// <param name="IdleRows">Rows computed since a prefix was last used.</param>
/// <param name="StoreBytes">Host memory for those that had to leave; 0 forgets them.</param>
/// <param name="CellBytes">Bytes of a cell.</param>
internal sealed record PrefixBudget(int Entries, int Cells, long IdleRows = long.MaxValue, long StoreBytes = 0, long CellBytes = 1);

/// <summary>How a sequence begins that another one began with.</summary>
/// <param name="Entry">Holds the first rows; null for none.</param>
/// <param name="Common">Rows that can be had, computed or to be computed by the entry's sequence.</param>
/// <param name="Shared">Those of them that the entry has computed.</param>
/// <param name="Piece">Holds, with its parents, what comes after these; null for nothing.</param>
/// <param name="Ready">Rows to be had at once, of both together.</param>
internal readonly record struct PrefixMatch(KvEntry? Entry, int Common, int Shared, StoredPrefix? Piece, int Ready);
