namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// How often idle prefixes were used again lately. What keeping one is worth is what computing it again would cost times how likely it is
/// asked for; never less than a quarter, so that prefixes stay long enough for that to be seen.
/// </summary>
internal sealed class ReuseRate
{
    private const double Weight = .125;
    private const double Least = .25;

    /// <summary>Fewer rows, such as a template's opening, tell nothing.</summary>
    private const int Counts = 16;

    private double _rate = 1;

    /// <summary>That share of a number of rows.</summary>
    public long Share(long rows) => rows == long.MaxValue ? rows : (long)(rows * Math.Max(Least, _rate));

    /// <summary>A request is about to share the cells up to a run. Those that running sequences hold are no reuse: they are there anyway.</summary>
    public void Shared(CellRun? tip)
    {
        var rows = 0;
        for (var run = tip; run is not null; run = run.Parent)
        {
            if (run is { Running: 0, Reused: false })
            {
                run.Reused = true;
                rows += run.Cells;
            }
        }
        if (rows >= Counts)
        {
            _rate += Weight * (1 - _rate);
        }
    }

    /// <summary>A pinned entry is about to go, and with it the cells that it alone holds.</summary>
    public void GivenUp(CellRun? tip)
    {
        var rows = 0;
        for (var run = tip; run is not null; run = run.Parent)
        {
            rows += run is { Running: 0, Pinned: 1, Reused: false } ? run.Cells : 0;
        }
        if (rows >= Counts)
        {
            _rate -= Weight * _rate;
        }
    }
}
