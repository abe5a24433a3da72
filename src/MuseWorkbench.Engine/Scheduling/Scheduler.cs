namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// Decides what each step computes. There is no prefill phase and no decode phase: every sequence's computed elements catch up
/// with its elements, within a budget of rows per step. Pure: no I/O, no clock, one thread.
/// </summary>
/// <param name="maxRows">Rows of one step.</param>
/// <param name="wholeImages">Images attend to themselves in both directions, so each is one step, whole.</param>
internal sealed class Scheduler(KvCache cache, int maxRows, bool wholeImages)
{
    /// <summary>Cells kept for a newcomer's answer to begin in, so that it is not preempted at once.</summary>
    private const int Reserve = 64;

    /// <summary>Rows that are computed twice rather than waited for: so few hardly lengthen a step, while waiting costs one, at the end by oneself.</summary>
    private const int NotWorthWaiting = 16;

    private static readonly Comparison<Sequence> s_order = (a, b) =>
        (a.Priority, a.Share!.Served, a.Arrival).CompareTo((b.Priority, b.Share!.Served, b.Arrival));

    private readonly StepPlanner _planner = new(cache, maxRows, wholeImages);
    private readonly FairShare _shares = new();
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private long _arrivals;

    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>After a plan, in the order in which they are next: by priority, then by what their run has been served, then by arrival.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>Sequences that lost their place in the cache, to be computed again later, or put back where host memory has kept them.</summary>
    public long Preemptions { get; private set; }

    public void Add(Sequence sequence)
    {
        sequence.Arrival = _arrivals++;
        sequence.Share = _shares.Join(sequence.Run);
        _waiting.Add(sequence);
    }

    /// <summary>Forgets a finished or cancelled sequence; what is computed of its prompt stays for reuse.</summary>
    public void Remove(Sequence sequence)
    {
        _waiting.Remove(sequence);
        _running.Remove(sequence);
        _shares.Leave(sequence.Share!);
        if (sequence.Cached is { } entry)
        {
            cache.Pin(entry, Math.Min(entry.Length, sequence.KeepsAnswer ? sequence.Length : sequence.PromptLength));
            sequence.Cached = null;
        }
    }

    /// <summary>Plans the next step. The same object is returned each time.</summary>
    /// <param name="isReady">Whether an image's embedding is at hand.</param>
    /// <param name="promptRows">Most prompt rows, by whether sequences generate in the same step; all that fit by default.</param>
    public StepPlan Plan(Func<Sequence, ImageSpan, bool> isReady, Func<bool, int>? promptRows = null)
    {
        _planner.Clear();
        Admit();
        cache.EvictIdle(_running.Sum(s => s.MaxLength - s.Computed) + _waiting.Sum(s => s.MaxLength - s.Length));
        while (!_planner.TryPlanRows(_running, isReady, promptRows) && Preempt())
        {
        }
        return _planner.Plan;
    }

    /// <summary>Counts the planned step as computed.</summary>
    public void Complete() => _planner.Complete();

    /// <summary>Gives up cells after the runtime found none where this cache counts some. False where nothing is left to give up.</summary>
    public bool Relieve() => cache.Evict() || Preempt();

    private void Admit()
    {
        _waiting.Sort(s_order);
        for (var i = 0; i < _waiting.Count;)
        {
            var sequence = _waiting[i];
            var match = FindPrefix(sequence);
            if (sequence.Follows is not null)
            {
                i++;
                continue;
            }
            // Strictly in order, so that a large request is not passed by for ever.
            if (TryHold(sequence, match) is not { } entry)
            {
                if (!GiveWay(sequence))
                {
                    return;
                }
                continue;
            }
            _waiting.Remove(sequence);
            _running.Add(sequence);
            sequence.Cached = entry;
            if (sequence.PromptFound is null)
            {
                (sequence.PromptFound, sequence.PromptRestored) = (entry.Length, entry.Length - match.Shared);
            }
            _planner.Plan.Admitted.Add(sequence);
        }
    }

    private KvEntry? TryHold(Sequence sequence, PrefixMatch match)
    {
        var rows = sequence.Length - match.Ready + _running.Sum(s => s.Pending);
        return Fits(sequence, match, rows) ? cache.Hold(sequence.Elements, match) : null;
    }

    /// <summary>Preempts a running sequence of lower priority for one that finds no room. False where that can't make enough.</summary>
    private bool GiveWay(Sequence sequence)
    {
        var lower = _running.FindAll(s => s.Priority > sequence.Priority);
        var most = cache.Held - lower.Sum(s => s.Computed) + _running.Except(lower).Sum(s => s.Pending) + sequence.Length;
        return lower.Count > 0 && most <= cache.Capacity && Preempt(lower);
    }

    /// <summary>The prefix to fork from, or, where a running sequence is about to have a longer one, a note to follow that.</summary>
    private PrefixMatch FindPrefix(Sequence sequence)
    {
        if (sequence.Follows is { Leader: { Alive: true, Pinned: false } leader } follows && leader.Length < follows.Row)
        {
            return default;
        }
        // The last element is always computed, as its logits give the next token.
        var match = cache.Match(sequence.Elements, sequence.Length - 1);
        sequence.Follows = match.Common - match.Ready > NotWorthWaiting ? (match.Entry!, match.Common) : null;
        sequence.Followed = sequence.Follows ?? sequence.Followed;
        return match;
    }

    private bool Fits(Sequence sequence, PrefixMatch match, int rows)
    {
        var reserve = Math.Min(Reserve, sequence.MaxLength - sequence.Length);
        return _running.Count == 0 || cache.Held + KvCache.CellsToHold(match) + rows + reserve <= cache.Capacity;
    }

    /// <summary>Takes the place of a running sequence. The last one stays.</summary>
    private bool Preempt() => _running.Count > 1 && Preempt(_running);

    /// <summary>Takes the place of the one among these that matters and loses least: lowest priority, fewest tokens generated, newest.</summary>
    private bool Preempt(List<Sequence> among)
    {
        var victim = among.MinBy(s => (-s.Priority, s.Generated, -s.Arrival))!;
        _running.Remove(victim);
        _planner.Plan.Admitted.Remove(victim);
        cache.SwapOut(victim.Cached!);
        victim.Cached = null;
        _waiting.Add(victim);
        _waiting.Sort(s_order);
        victim.Preemptions++;
        Preemptions++;
        return true;
    }
}
