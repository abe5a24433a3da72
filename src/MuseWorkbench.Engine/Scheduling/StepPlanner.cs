namespace MuseWorkbench.Engine.Scheduling;

/// <summary>Puts together what one step computes for the sequences that run: generating ones first, then chunks of prompts, fair between runs.</summary>
/// <param name="maxRows">Rows of one step.</param>
/// <param name="wholeImages">Images attend to themselves in both directions, so each is one step, whole.</param>
internal sealed class StepPlanner(KvCache cache, int maxRows, bool wholeImages)
{
    private int _turn;
    private bool _imageLast;

    /// <summary>The same object for each step.</summary>
    public StepPlan Plan { get; } = new();

    /// <summary>Begins another step's plan.</summary>
    public void Clear()
    {
        Plan.Clear();
        _turn++;
    }

    /// <summary>Plans the rows. False where the cells of those that must run can't be had without a preemption.</summary>
    public bool TryPlanRows(IReadOnlyList<Sequence> running, Func<Sequence, ImageSpan, bool> isReady, Func<bool, int>? promptRows)
    {
        Plan.ClearRows();
        var decoding = InTurn(running, s => s.Pending == 1 && s.Elements.TokensFrom(s.Computed) == 1);
        var prompts = InTurn(running, s => s.Pending > 1 && s.Elements.TokensFrom(s.Computed) > 0);
        var images = InTurn(running, s => s.Pending > 0 && s.Elements.ImageAt(s.Computed) is { } image && isReady(s, image));
        var hasTokens = decoding.Count + prompts.Count > 0;

        if (images.Count > 0 && !(hasTokens && _imageLast) && TryPlanImage(images[0], promptRows?.Invoke(decoding.Count > 0) ?? maxRows))
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
        foreach (var sequence in decoding.OrderBy(s => s.Priority).Take(budget))
        {
            AddTokens(sequence, 1);
            budget--;
        }
        budget = Math.Min(budget, promptRows?.Invoke(decoding.Count > 0 && !AreSiblings(decoding, prompts)) ?? budget);
        foreach (var level in prompts.GroupBy(s => s.Priority).OrderBy(g => g.Key))
        {
            budget -= AddChunks([.. level], budget);
        }
        return true;
    }

    /// <summary>
    /// Whether all waited for one beginning that one of them computed, and have fewer rows left than that had: agents with a word each at
    /// the end. Those are computed at once. The ones ahead stand still for less time than their own beginning took; in small pieces,
    /// which cost more a row, the last of them would be done later.
    /// </summary>
    private static bool AreSiblings(List<Sequence> decoding, List<Sequence> prompts) =>
        prompts.Count > 0 && prompts[0].Followed is { } beginning
        && prompts.All(prompt => prompt.Followed?.Leader == beginning.Leader)
        && decoding.All(ahead => ahead.Cached == beginning.Leader || ahead.Followed?.Leader == beginning.Leader)
        && prompts.Sum(prompt => prompt.Pending) <= beginning.Row;

    /// <summary>Shares the budget evenly between runs, and each run's part between its prompts. Gives the rows taken.</summary>
    private int AddChunks(IReadOnlyList<Sequence> prompts, int budget)
    {
        var before = Plan.Batch.Rows;
        var total = Math.Min(budget, prompts.Sum(Wanted));
        cache.MakeRoom(before + total);
        total = Math.Min(total, cache.Free - before);
        // Where there are more runs or prompts than rows, those whose turn it is.
        var runs = prompts.GroupBy(s => s.Share!).Take(Math.Max(0, total)).ToList();
        var parts = FairShare.Divide(total, runs.ConvertAll(r => r.Sum(Wanted)));
        for (var run = 0; run < runs.Count; run++)
        {
            var sequences = runs[run].Take(parts[run]).ToList();
            var chunks = FairShare.Divide(parts[run], sequences.ConvertAll(Wanted));
            for (var i = 0; i < sequences.Count; i++)
            {
                AddTokens(sequences[i], chunks[i]);
            }
        }
        return Plan.Batch.Rows - before;

        static int Wanted(Sequence sequence) => sequence.Elements.TokensFrom(sequence.Computed);
    }

    private void AddTokens(Sequence sequence, int count)
    {
        var from = sequence.Computed;
        for (var row = from; row < from + count; row++)
        {
            Plan.Batch.Tokens.Add(sequence.Elements[row]);
        }
        AddRows(sequence, from, count);
    }

    /// <param name="budget">Rows, where the image may be cut: while it is computed nobody generates.</param>
    private bool TryPlanImage(Sequence sequence, int budget)
    {
        var image = sequence.Elements.ImageAt(sequence.Computed)!;
        var rows = wholeImages ? image.Rows : Math.Min(image.End - sequence.Computed, budget);
        if (!cache.MakeRoom(rows))
        {
            return false;
        }
        Plan.Image = image;
        Plan.Batch.NonCausal = wholeImages;
        AddRows(sequence, sequence.Computed, rows);
        return true;
    }

    private void AddRows(Sequence sequence, int from, int count)
    {
        var batch = Plan.Batch;
        for (var row = from; row < from + count; row++)
        {
            batch.Positions.Add(sequence.Elements.PositionAt(row));
            if (Plan.Image is { } image)
            {
                batch.Axes.Add(image.PlaceOf(row));
            }
            batch.Sequences.Add(sequence.Cached!.Id);
            batch.WantLogits.Add(row == sequence.Length - 1);
        }
        Plan.Rows.Add(new ScheduledRows(sequence, from, count, from + count == sequence.Length ? batch.Rows - 1 : -1));
    }

    /// <summary>Counts the planned rows as computed.</summary>
    public void Complete()
    {
        foreach (var rows in Plan.Rows)
        {
            cache.Extend(rows.Sequence.Cached!, rows.Count);
            rows.Sequence.Share!.Served += rows.Count;
        }
        _imageLast = Plan.Image is not null;
    }

    /// <summary>Running sequences of a kind, each step starting with another, so that ties are broken in everyone's favour in turn.</summary>
    private List<Sequence> InTurn(IReadOnlyList<Sequence> running, Func<Sequence, bool> kind)
    {
        var found = running.Where(kind).ToList();
        if (found.Count > 1)
        {
            var first = _turn % found.Count;
            found = [.. found[first..], .. found[..first]];
        }
        return found;
    }
}
