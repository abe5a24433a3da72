namespace MuseWorkbench.Curation.Statistics;

/// <summary>How the scores of one case's repeats become one.</summary>
public enum RepeatReducer
{
    /// <summary>Their mean.</summary>
    Mean,
    /// <summary>The most frequent score; the lowest of several that are.</summary>
    Mode,
    /// <summary>The chance that at least one of k is correct.</summary>
    PassAtK,
    /// <summary>The chance that all of k are correct.</summary>
    PassHatK,
    /// <summary>1 where at least k are correct, else 0.</summary>
    AtLeastK,
}

/// <summary>Brings a case's repeats to one score.</summary>
public static class Repeats
{
    /// <summary>Scores from here on count as correct, where a reducer asks: full marks, less rounding.</summary>
    public const double Correct = 1 - 1e-9;

    /// <summary>One score of several.</summary>
    /// <param name="scores">Scores of the repeats that have one, 0 to 1; errors are not among them.</param>
    /// <param name="k">Of the last three reducers; 1 or more.</param>
    /// <returns>0 to 1; null where there are fewer scores than the reducer needs.</returns>
    public static double? Reduce(IReadOnlyCollection<double> scores, RepeatReducer reducer, int k = 1)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (scores.Count == 0)
            return null;
        var correct = scores.Count(score => score >= Correct);
        return reducer switch
        {
            RepeatReducer.Mean => scores.Average(),
            RepeatReducer.Mode => scores.GroupBy(score => score).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key,
            _ when scores.Count < k => null,
            RepeatReducer.PassAtK => PassAtK(scores.Count, correct, k),
            RepeatReducer.PassHatK => PassHatK(scores.Count, correct, k),
            RepeatReducer.AtLeastK => correct >= k ? 1 : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(reducer), reducer, null),
        };
    }

    /// <summary>
    /// pass@k without bias: 1 − C(n−c, k) / C(n, k), of <paramref name="n"/> repeats with <paramref name="c"/> correct
    /// (Chen et al., arXiv:2107.03374, equation 1). The plug-in 1 − (1 − c/n)ᵏ is too low.
    /// </summary>
    public static double PassAtK(int n, int c, int k) => 1 - RatioOfBinomials(n, n - c, k);

    /// <summary>pass^k without bias: C(c, k) / C(n, k), the chance that k of the repeats are all correct (Yao et al., arXiv:2406.12045).</summary>
    public static double PassHatK(int n, int c, int k) => RatioOfBinomials(n, c, k);

    // C(m, k) / C(n, k), as a product that neither overflows nor cancels.
    private static double RatioOfBinomials(int n, int m, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(m, n);
        if (m < k)
            return 0;
        var ratio = 1.0;
        for (var i = 0; i < k; i++)
            ratio *= (double)(m - i) / (n - i);
        return ratio;
    }
}
