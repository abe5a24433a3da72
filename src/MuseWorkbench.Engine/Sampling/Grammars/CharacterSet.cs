namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>A set of Unicode code points, as sorted ranges that do not touch.</summary>
internal sealed class CharacterSet
{
    public const int Last = 0x10FFFF;

    private readonly (int From, int To)[] _ranges;

    /// <param name="ranges">Both ends inclusive, in any order.</param>
    public CharacterSet(IEnumerable<(int From, int To)> ranges)
    {
        var merged = new List<(int From, int To)>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && range.From <= merged[^1].To + 1)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, range.To));
            }
            else
            {
                merged.Add(range);
            }
        }
        _ranges = [.. merged];
    }

    public static CharacterSet All { get; } = new([(0, Last)]);

    public IReadOnlyList<(int From, int To)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public bool Contains(int character) => Overlaps(character, character);

    /// <summary>Whether it has a character in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    public bool Overlaps(int low, int high)
    {
        foreach (var (from, to) in _ranges)
        {
            if (from <= high)
            {
                if (low <= to)
                {
                    return true;
                }
            }
            else
            {
                break;
            }
        }
        return false;
    }

    public CharacterSet Complement()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (from, to) in _ranges)
        {
            if (from > next)
            {
                gaps.Add((next, from - 1));
            }
            next = to + 1;
        }
        if (next <= Last)
        {
            gaps.Add((next, Last));
        }
        return new(gaps);
    }
}
