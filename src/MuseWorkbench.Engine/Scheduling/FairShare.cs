namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// What each run has been served, in rows computed: the virtual token counter of Sheng et al., "Fairness in Serving Large
/// Language Models" (OSDI 2024). Who has been served least is next, so a run of sixteen agents takes from a run of one no more
/// than its half.
/// </summary>
internal sealed class FairShare
{
    private readonly Dictionary<string, RunShare> _runs = [];

    /// <summary>A request of a run arrives. A run that comes anew, or comes back, starts level with the one served least: waiting earns no credit.</summary>
    public RunShare Join(string run)
    {
        if (!_runs.TryGetValue(run, out var share))
        {
            _runs.Add(run, share = new RunShare());
        }
        if (share.Requests++ == 0)
        {
            share.Served = Math.Max(share.Served, LeastServed(except: share));
        }
        return share;
    }

    /// <summary>A request of a run has ended. Runs without one are forgotten as soon as nobody active is behind them.</summary>
    public void Leave(RunShare share)
    {
        share.Requests--;
        var least = _runs.Values.Any(r => r.Requests > 0) ? LeastServed(except: null) : long.MaxValue;
        foreach (var (run, idle) in _runs)
        {
            if (idle.Requests == 0 && idle.Served <= least)
            {
                _runs.Remove(run);
            }
        }
    }

    /// <summary>Divides rows so that none gets more than it wants and none with less than another goes short for it (max–min fair).</summary>
    /// <param name="total">Rows to give, at least one for each.</param>
    /// <param name="wanted">Rows wanted, one or more each.</param>
    public static int[] Divide(int total, IReadOnlyList<int> wanted)
    {
        var given = new int[wanted.Count];
        var left = wanted.Count;
        // The smallest first, so that what it leaves is known.
        foreach (var i in Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i]))
        {
            given[i] = Math.Min(wanted[i], total / left--);
            total -= given[i];
        }
        return given;
    }

    private long LeastServed(RunShare? except)
    {
        var least = long.MaxValue;
        foreach (var run in _runs.Values)
        {
            if (run != except && run.Requests > 0)
            {
                least = Math.Min(least, run.Served);
            }
        }
        return least == long.MaxValue ? 0 : least;
    }
}

/// <summary>A run's account.</summary>
internal sealed class RunShare
{
    /// <summary>Rows computed for it.</summary>
    public long Served { get; set; }

    /// <summary>Its requests waiting or running.</summary>
    public int Requests { get; set; }
}
