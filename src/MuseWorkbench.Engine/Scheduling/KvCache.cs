using MuseWorkbench.Core;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Which sequence id holds which prefix, and how many cells that takes, a cell shared by several counted once.
/// Bookkeeping only: what the runtime must do is left in <see cref="Commands"/>, in order.
/// Finished prompts stay as pinned entries until their cells or ids are needed, least recently used out first, or until
/// they have idled for longer than the budget lets them.
/// </summary>
internal sealed class KvCache
{
    private readonly PrefixBudget _budget;
    private readonly Stack<int> _freeIds;
    private readonly List<KvEntry> _entries = [];
    private readonly int[] _cells = new int[4];
    private readonly ReuseRate _reuse = new();
    private long _clock;
    private long _rows;

    public KvCache(int capacity, int sequenceIds, PrefixBudget? budget = null)
    {
        Capacity = capacity;
        _budget = budget ?? new PrefixBudget(sequenceIds, capacity);
        _freeIds = new Stack<int>(Enumerable.Range(0, sequenceIds).Reverse());
    }

    public int Capacity { get; }

    public Queue<KvCommand> Commands { get; } = new();

    /// <summary>Pinned entries given up for others' cells or ids, or for the budget.</summary>
    public long Evictions { get; private set; }

    /// <summary>Cells that running sequences hold; all others can be had.</summary>
    public int Held => _cells[(int)CellKind.Shared] + _cells[(int)CellKind.Private];

    public int Free => Capacity - Held - _cells[(int)CellKind.Pinned];

    public KvCells Cells => new(Capacity, _cells[(int)CellKind.Pinned], _cells[(int)CellKind.Shared], _cells[(int)CellKind.Private]);

    /// <summary>Those kept for reuse, last used first.</summary>
    public IEnumerable<KvEntry> PinnedEntries => _entries.Where(e => e.Pinned).OrderByDescending(e => e.LastUsed);

    /// <summary>The entry with the longest beginning in common, counting what a running one is still to compute.</summary>
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
            if ((common, ready).CompareTo((best.Common, best.Ready)) > 0)
            {
                best = new PrefixMatch(entry, common, ready);
            }
        }
        return best;
    }

    /// <summary>Takes an id for a sequence, sharing the first rows of an entry. Null where no id can be had.</summary>
    public KvEntry? Hold(Elements elements, KvEntry? source, int rows)
    {
        if (_freeIds.Count == 0 && !Evict(LeastRecent(e => e != source)))
        {
            // The only pinned entry is the one to share: its place is taken over.
            if (source is not { Pinned: true })
            {
                return null;
            }
            Trim(source, rows);
            _reuse.Shared(source.Tip);
            Count(source.Tip, pinned: true, -1);
            Count(source.Tip, pinned: false, +1);
            _entries.Remove(source);
            source.Alive = false;
            Evictions++;
            return Enter(new KvEntry(source.Id, elements) { Length = rows, Tip = source.Tip });
        }
        var entry = Enter(new KvEntry(_freeIds.Pop(), elements));
        if (source is not null && rows > 0)
        {
            Use(source);
            entry.Length = rows;
            entry.Tip = RunEndingAt(source, rows);
            _reuse.Shared(entry.Tip);
            Count(entry.Tip, pinned: false, +1);
            Commands.Enqueue(new KvCommand(source.Id, entry.Id, 0, elements.PositionAt(rows)));
        }
        return entry;
    }

    /// <summary>Counts rows that a decode has added to a running entry.</summary>
    public void Extend(KvEntry entry, int rows)
    {
        if (entry.Tip is not { Running: 1, Pinned: 0 })
        {
            entry.Tip = new CellRun { Parent = entry.Tip, Start = entry.Length, End = entry.Length, Running = 1 };
        }
        entry.Tip.End += rows;
        entry.Length += rows;
        _rows += rows;
        _cells[(int)entry.Tip.Kind] += rows;
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

    public void Release(KvEntry entry)
    {
        Count(entry.Tip, entry.Pinned, -1);
        Commands.Enqueue(new KvCommand(-1, entry.Id, 0, -1));
        _entries.Remove(entry);
        _freeIds.Push(entry.Id);
        entry.Alive = false;
    }

    /// <summary>Evicts pinned entries that keep cells of their own and have idled too long, or will have by the end of what is at hand.</summary>
    /// <param name="coming">
    /// Rows about to be computed: better without those entries' cells than with them. Given up later, the cells would be free but not gone:
    /// a row attends to all cells up to the last one in use, and what is computed meanwhile lies behind them.
    /// </param>
    public void EvictIdle(int coming)
    {
        var most = _budget.ByReuse ? _reuse.Share(_budget.IdleRows) : _budget.IdleRows;
        while (Evict(LeastRecent(e => _rows + coming - e.UsedAtRow > most && e.Tip!.Running == 0)))
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

    /// <summary>Cells among the first rows of an entry that no running sequence holds: what sharing them takes from the pinned ones.</summary>
    public static int CellsToHold(KvEntry? entry, int rows)
    {
        var cells = 0;
        for (var run = entry?.Tip; run is { Running: 0 }; run = run.Parent)
        {
            cells += Math.Max(0, Math.Min(run.End, rows) - run.Start);
        }
        return cells;
    }

    private bool Evict(KvEntry? entry)
    {
        if (entry is null)
        {
            return false;
        }
        _reuse.GivenUp(entry.Tip);
        Release(entry);
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
        Commands.Enqueue(new KvCommand(-1, entry.Id, entry.Elements.PositionAt(rows), -1));
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
            run.Parent = new CellRun { Parent = run.Parent, Start = run.Start, End = row, Running = run.Running, Pinned = run.Pinned, Reused = run.Reused };
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
/// <param name="ByReuse">Whether fewer where prefixes are seldom used again.</param>
internal sealed record PrefixBudget(int Entries, int Cells, long IdleRows = long.MaxValue, bool ByReuse = false);

/// <summary>An entry that begins as a sequence does.</summary>
/// <param name="Common">Rows in common, computed or to be computed by the entry's sequence.</param>
/// <param name="Ready">Those of them computed.</param>
internal readonly record struct PrefixMatch(KvEntry? Entry, int Common, int Ready);
