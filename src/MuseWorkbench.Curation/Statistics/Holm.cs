namespace MuseWorkbench.Curation.Statistics;

/// <summary>Holm's step-down correction (Scandinavian Journal of Statistics 6, 1979, 65–70): of m comparisons the chance that any is wrongly called decided stays below the level, whatever their dependence.</summary>
public static class Holm
{
    /// <summary>Adjusted p-values in the order given: the i-th smallest of m becomes the largest of (m − j + 1)·p₍ⱼ₎, j ≤ i, at most 1.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Any(p => p is not (>= 0 and <= 1)))
            throw new ArgumentException("A p-value lies between 0 and 1.", nameof(pValues));
        var adjusted = new double[pValues.Count];
        var (least, left) = (0.0, pValues.Count);
        foreach (var i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
            adjusted[i] = least = Math.Min(1, Math.Max(least, left-- * pValues[i]));
        return adjusted;
    }
}
