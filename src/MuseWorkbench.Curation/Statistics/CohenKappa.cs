using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>How far apart two categories are, where categories have an order.</summary>
public enum KappaWeights
{
    /// <summary>Any two are equally different.</summary>
    None,
    /// <summary>By their distance.</summary>
    Linear,
    /// <summary>By its square.</summary>
    Quadratic,
}

/// <summary>
/// Agreement of two raters beyond chance: κ = (pₒ − pₑ)/(1 − pₑ) (Cohen 1960; weighted, Cohen 1968). Its standard error is
/// that of Fleiss, Cohen and Everitt (Psychological Bulletin 72, 1969, 323–327).
/// </summary>
/// <param name="Kappa">1 is full agreement, 0 what chance gives, below 0 less than that; with its interval.</param>
/// <param name="StandardError">Of κ.</param>
/// <param name="Observed">pₒ, the (weighted) share of agreement.</param>
/// <param name="Expected">pₑ, what the raters' own frequencies would give by chance.</param>
/// <param name="Items">How many both have rated.</param>
public sealed record CohenKappa(Estimate Kappa, double StandardError, double Observed, double Expected, int Items)
{
    /// <summary>κ of pairs of ratings.</summary>
    /// <param name="ratings">Each item's two ratings.</param>
    /// <param name="categories">All categories, in their order.</param>
    /// <returns>Null where nothing was rated, or both raters only ever gave the same one category: κ is then undefined.</returns>
    public static CohenKappa? Of<T>(IEnumerable<(T First, T Second)> ratings, ImmutableArray<T> categories, KappaWeights weights = KappaWeights.None, double level = Estimate.DefaultLevel)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var table = new int[categories.Length, categories.Length];
        foreach (var (first, second) in ratings)
        {
            var (i, j) = (categories.IndexOf(first), categories.IndexOf(second));
            if (i < 0 || j < 0)
                throw new ArgumentException($"'{(i < 0 ? first : second)}' is not one of the categories.", nameof(ratings));
            table[i, j]++;
        }
        return Of(table, weights, level);
    }

    /// <summary>κ of a square table of counts: rows the first rater's category, columns the second's.</summary>
    public static CohenKappa? Of(int[,] table, KappaWeights weights = KappaWeights.None, double level = Estimate.DefaultLevel)
    {
        ArgumentNullException.ThrowIfNull(table);
        var k = table.GetLength(0);
        if (k != table.GetLength(1))
            throw new ArgumentException("The table is not square.", nameof(table));
        var items = table.Cast<int>().Sum();
        if (items == 0)
            return null;
        var (rows, columns) = (new double[k], new double[k]);
        Each(k, (i, j) => (rows[i], columns[j]) = (rows[i] + (double)table[i, j] / items, columns[j] + (double)table[i, j] / items));
        double Weight(int i, int j) => weights switch
        {
            KappaWeights.None => i == j ? 1 : 0,
            KappaWeights.Linear => 1 - Math.Abs(i - j) / (k - 1.0),
            _ => 1 - Math.Pow((i - j) / (k - 1.0), 2),
        };
        double observed = 0, expected = 0;
        var (ofRow, ofColumn) = (new double[k], new double[k]);
        Each(k, (i, j) =>
        {
            var w = Weight(i, j);
            observed += w * table[i, j] / items;
            expected += w * rows[i] * columns[j];
            ofRow[i] += w * columns[j];
            ofColumn[j] += w * rows[i];
        });
        if (1 - expected < 1e-12)
            return null;
        var kappa = (observed - expected) / (1 - expected);
        var spread = 0.0;
        Each(k, (i, j) => spread += (double)table[i, j] / items * Math.Pow(Weight(i, j) - (ofRow[i] + ofColumn[j]) * (1 - kappa), 2));
        var variance = (spread - Math.Pow(kappa - expected * (1 - kappa), 2)) / (items * Math.Pow(1 - expected, 2));
        var error = Math.Sqrt(Math.Max(0, variance));
        var half = Estimate.Quantile(level) * error;
        return new CohenKappa(new Estimate(kappa, kappa - half, kappa + half, level), error, observed, expected, items);
    }

    private static void Each(int k, Action<int, int> cell)
    {
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < k; j++)
                cell(i, j);
        }
    }
}
