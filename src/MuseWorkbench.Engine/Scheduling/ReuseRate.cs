namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// How often pinned prefixes were used again lately. What keeping one is worth is what computing it again would cost times how likely it is
/// asked for; never less than a quarter, so that prefixes stay long enough for that to be seen.
/// </summary>
internal sealed class ReuseRate
{
    private const double Weight = .125;
    private const double Least = .25;

    private double _rate = 1;

    /// <summary>That share of a number of rows.</summary>
    public long Share(long rows) => rows == long.MaxValue ? rows : (long)(rows * Math.Max(Least, _rate));

    /// <summary>A request shares an entry's first rows. The opening of a template, which all have in common, is no reuse; half of a pinned prefix is.</summary>
    public void Shared(KvEntry? entry, int rows)
    {
        if (entry is { Pinned: true, Reused: false } && 2 * rows >= entry.Length)
        {
            entry.Reused = true;
            _rate += Weight * (1 - _rate);
        }
    }

    /// <summary>A pinned prefix goes.</summary>
    public void GivenUp(KvEntry entry)
    {
        if (!entry.Reused)
        {
            _rate -= Weight * _rate;
        }
    }
}
