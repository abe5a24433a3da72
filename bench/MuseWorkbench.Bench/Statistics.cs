namespace MuseWorkbench.Bench;

internal static class Statistics
{
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Wilson's 95 % interval of a share, 0 to 1.</summary>
    public static (double Low, double High) Wilson(int hits, int count)
    {
        const double Z = 1.959963985;
        var share = (double)hits / count;
        var middle = (share + (Z * Z / 2 / count)) / (1 + (Z * Z / count));
        var half = Z * Math.Sqrt((share * (1 - share) / count) + (Z * Z / 4 / count / count)) / (1 + (Z * Z / count));
        return (middle - half, middle + half);
    }
}
