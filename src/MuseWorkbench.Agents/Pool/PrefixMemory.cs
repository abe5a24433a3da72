namespace MuseWorkbench.Agents.Pool;

/// <summary>The prefixes sent to a member most recently: those its cache is thought to hold. Not thread-safe.</summary>
/// <param name="capacity">Prefixes remembered at most; the one not used for longest goes first.</param>
public sealed class PrefixMemory(int capacity)
{
    private readonly OrderedDictionary<ulong, bool> _prefixes = [];

    public bool Contains(ulong prefix) => _prefixes.ContainsKey(prefix);

    /// <summary>The prefix was sent; returns whether it was there.</summary>
    public bool Use(ulong prefix)
    {
        var known = _prefixes.Remove(prefix);
        if (_prefixes.Count >= capacity)
            _prefixes.RemoveAt(0);
        _prefixes.Add(prefix, true);
        return known;
    }

    /// <summary>The member began anew: its cache is empty.</summary>
    public void Clear() => _prefixes.Clear();
}
