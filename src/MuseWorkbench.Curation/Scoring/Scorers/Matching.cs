namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>The best pairing of rows with columns (Kuhn 1955, Munkres 1957; the O(n³) form with potentials).</summary>
internal static class Matching
{
    /// <summary>For each row its column, or −1, such that the sum of the gains is largest. Gains are 0 or more; a pair of gain 0 is none.</summary>
    public static int[] Best(double[,] gains)
    {
        var (rows, columns) = (gains.GetLength(0), gains.GetLength(1));
        var n = Math.Max(rows, columns);
        double Cost(int i, int j) => i < rows && j < columns ? -gains[i, j] : 0;
        var (u, v) = (new double[n + 1], new double[n + 1]);
        // 1-based; rowOf[j] is the row matched with column j, 0 for none.
        var rowOf = new int[n + 1];
        for (var i = 1; i <= n; i++)
            Augment(i);
        var result = new int[rows];
        Array.Fill(result, -1);
        for (var j = 1; j <= columns; j++)
        {
            if (rowOf[j] is > 0 and var i && i <= rows && gains[i - 1, j - 1] > 0)
                result[i - 1] = j - 1;
        }
        return result;

        void Augment(int row)
        {
            var least = new double[n + 1];
            Array.Fill(least, double.PositiveInfinity);
            var (from, used) = (new int[n + 1], new bool[n + 1]);
            rowOf[0] = row;
            var column = 0;
            do
            {
                used[column] = true;
                var (i, next, delta) = (rowOf[column], 0, double.PositiveInfinity);
                for (var j = 1; j <= n; j++)
                {
                    if (used[j])
                        continue;
                    var reduced = Cost(i - 1, j - 1) - u[i] - v[j];
                    if (reduced < least[j])
                        (least[j], from[j]) = (reduced, column);
                    if (least[j] < delta)
                        (delta, next) = (least[j], j);
                }
                for (var j = 0; j <= n; j++)
                {
                    if (used[j])
                    {
                        u[rowOf[j]] += delta;
                        v[j] -= delta;
                    }
                    else
                    {
                        least[j] -= delta;
                    }
                }
                column = next;
            }
            while (rowOf[column] != 0);
            while (column != 0)
            {
                rowOf[column] = rowOf[from[column]];
                column = from[column];
            }
        }
    }
}
