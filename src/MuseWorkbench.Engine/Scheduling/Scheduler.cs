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

    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly StepPlan _plan = new();
    private long _arrivals;
    private int _turn;
    private bool _imageLast;

    public IReadOnlyList<Sequence> Running => _running;

    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>Sequences that lost their place in the cache, to be computed again later.</summary>
    public long Preemptions { get; private set; }

    public void Add(Sequence sequence)
    {
        sequence.Arrival = _arrivals++;
        _waiting.Add(sequence);
    }

    /// <summary>Forgets a finished or cancelled sequence; what is computed of its prompt stays for reuse.</summary>
    public void Remove(Sequence sequence)
    {
        _waiting.Remove(sequence);
        _running.Remove(sequence);
        if (sequence.Cached is { } entry)
        {
            cache.Pin(entry, Math.Min(entry.Length, sequence.PromptLength));
            sequence.Cached = null;
        }
    }

    /// <summary>Plans the next step. The same object is returned each time.</summary>
    /// <param name="isReady">Whether an image's embedding is at hand.</param>
    public StepPlan Plan(Func<Sequence, ImageSpan, bool> isReady)
    {
        _plan.Clear();
        Admit();
        _turn++;
        do
        {
            _plan.ClearRows();
        }
        while (!TryPlanRows(isReady) && Preempt());
        return _plan;
    }

    /// <summary>Counts a planned step as computed.</summary>
    public void Complete(StepPlan plan)
    {
        foreach (var rows in plan.Rows)
        {
            cache.Extend(rows.Sequence.Cached!, rows.Count);
        }
        _imageLast = plan.Image is not null;
    }

    /// <summary>Gives up cells after the runtime found none where this cache counts some. False where nothing is left to give up.</summary>
    public bool Relieve() => cache.Evict() || Preempt();

    private void Admit()
    {
        var promised = _running.Sum(s => s.Pending);
        for (var i = 0; i < _waiting.Count;)
        {
            var sequence = _waiting[i];
            var match = FindPrefix(sequence);
            if (sequence.Follows is not null)
            {
                i++;
                continue;
            }
            // Strictly in order of arrival, so that a large request is not passed by for ever.
            var rows = sequence.Length - match.Ready;
            if (!Fits(sequence, match, rows + promised) || cache.Hold(sequence.Elements, match.Entry, match.Ready) is not { } entry)
            {
                return;
            }
            _waiting.RemoveAt(i);
            _running.Add(sequence);
            sequence.Cached = entry;
            sequence.PromptFound ??= match.Ready;
            promised += rows;
            _plan.Admitted.Add(sequence);
        }
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
        sequence.Follows = match.Common > match.Ready ? (match.Entry!, match.Common) : null;
        return match;
    }

    private bool Fits(Sequence sequence, PrefixMatch match, int rows)
    {
        var reserve = Math.Min(Reserve, sequence.MaxLength - sequence.Length);
        return _running.Count == 0 || cache.Held + KvCache.CellsToHold(match.Entry, match.Ready) + rows + reserve <= cache.Capacity;
    }

    /// <summary>False where the cells of the rows that must run can't be had without a preemption.</summary>
    private bool TryPlanRows(Func<Sequence, ImageSpan, bool> isReady)
    {
        var decoding = InTurn(s => s.Pending == 1 && s.Elements.TokensFrom(s.Computed) == 1);
        var prompts = InTurn(s => s.Pending > 1 && s.Elements.TokensFrom(s.Computed) > 0);
        var images = InTurn(s => s.Pending > 0 && s.Elements.ImageAt(s.Computed) is { } image && isReady(s, image));
        var hasTokens = decoding.Count + prompts.Count > 0;

        if (images.Count > 0 && !(hasTokens && _imageLast) && TryPlanImage(images[0]))
        {
            return true;
        }
        if (!hasTokens)
        {
            return images.Count == 0;
        }
        var budget = maxRows;
        var needed = Math.Clamp(decoding.Count, 1, budget);
        if (!cache.MakeRoom(needed))
        {
            return false;
        }
        foreach (var sequence in decoding.Take(budget))
        {
            AddTokens(sequence, 1);
            budget--;
        }
        AddChunks(prompts, budget);
        return true;
    }

    /// <summary>Shares the budget between prompts evenly; what a short one leaves goes to the longer ones.</summary>
    private void AddChunks(List<Sequence> prompts, int budget)
    {
        var wanted = prompts.ConvertAll(s => (Sequence: s, Rows: s.Elements.TokensFrom(s.Computed)));
        var total = Math.Min(budget, wanted.Sum(w => w.Rows));
        cache.MakeRoom(_plan.Batch.Rows + total);
        total = Math.Min(total, cache.Free - _plan.Batch.Rows);
        // Where there are more prompts than rows, those whose turn it is; then the shortest first, so that what it leaves is known.
        var left = Math.Min(wanted.Count, total);
        foreach (var (sequence, rows) in wanted.Take(left).OrderBy(w => w.Rows))
        {
            var chunk = Math.Min(rows, total / left--);
            AddTokens(sequence, chunk);
            total -= chunk;
        }
    }

    private void AddTokens(Sequence sequence, int count)
    {
        var from = sequence.Computed;
        for (var row = from; row < from + count; row++)
        {
            _plan.Batch.Tokens.Add(sequence.Elements[row]);
        }
        AddRows(sequence, from, count);
    }

    private bool TryPlanImage(Sequence sequence)
    {
        var image = sequence.Elements.ImageAt(sequence.Computed)!;
        var rows = wholeImages ? image.Rows : Math.Min(image.End - sequence.Computed, maxRows);
        if (!cache.MakeRoom(rows))
        {
            return false;
        }
        _plan.Image = image;
        _plan.Batch.NonCausal = wholeImages;
        AddRows(sequence, sequence.Computed, rows);
        return true;
    }

    private void AddRows(Sequence sequence, int from, int count)
    {
        var batch = _plan.Batch;
        for (var row = from; row < from + count; row++)
        {
            batch.Positions.Add(row);
            batch.Sequences.Add(sequence.Cached!.Id);
            batch.WantLogits.Add(row == sequence.Length - 1);
        }
        _plan.Rows.Add(new ScheduledRows(sequence, from, count, from + count == sequence.Length ? batch.Rows - 1 : -1));
    }

    /// <summary>Takes the place of the sequence that loses least by it: the fewest tokens generated, then the newest. The last one stays.</summary>
    private bool Preempt()
    {
        if (_running.Count < 2)
        {
            return false;
        }
        var victim = _running.MinBy(s => (s.Generated, -s.Arrival))!;
        _running.Remove(victim);
        cache.Release(victim.Cached!);
        victim.Cached = null;
        var place = _waiting.FindIndex(s => s.Arrival > victim.Arrival);
        _waiting.Insert(place < 0 ? _waiting.Count : place, victim);
        Preemptions++;
        return true;
    }

    /// <summary>Running sequences of a kind, each step starting with another, so that ties are broken in everyone's favour in turn.</summary>
    private List<Sequence> InTurn(Predicate<Sequence> kind)
    {
        var found = _running.FindAll(kind);
        if (found.Count > 1)
        {
            var first = _turn % found.Count;
            found = [.. found[first..], .. found[..first]];
        }
        return found;
    }
}
