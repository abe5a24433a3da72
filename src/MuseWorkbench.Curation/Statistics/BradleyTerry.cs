using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// The Bradley–Terry model: i beats j with chance πᵢ/(πᵢ + πⱼ). Fitted by the MM algorithm (Hunter, Annals of Statistics
/// 32, 2004, 384–406); a tie is half a win of each. Intervals come from the observed information.
/// </summary>
public sealed class BradleyTerry
{
    private const double Scale = 400 / 2.302585092994046; // 400 / ln 10
    private const int MaxIterations = 100_000;
    private readonly Matrix<double> _covariance;
    private readonly ImmutableArray<double> _abilities;
    private readonly ImmutableArray<int> _votes;

    private BradleyTerry(ImmutableArray<string> entrants, ImmutableArray<double> abilities, Matrix<double> covariance, ImmutableArray<int> votes, bool identified) =>
        (Entrants, _abilities, _covariance, _votes, IsIdentified) = (entrants, abilities, covariance, votes, identified);

    /// <summary>Who took part, in the order of their first vote.</summary>
    public ImmutableArray<string> Entrants { get; }

    /// <summary>
    /// Whether the votes alone fix all ratings: no group of entrants won all its votes against the rest (Ford 1957). Where
    /// one did, its rating would be infinite; then everyone gets one imaginary tie against an average entrant.
    /// </summary>
    public bool IsIdentified { get; }

    /// <summary>Ratings on Elo's scale around 1000, highest first; their intervals are for the distance from the average.</summary>
    public ImmutableArray<Rating> Ratings(double level = Estimate.DefaultLevel)
    {
        var z = Estimate.Quantile(level);
        return
        [
            .. Entrants.Select((name, i) =>
            {
                var (value, half) = (Elo.Start + Scale * _abilities[i], Scale * z * Math.Sqrt(_covariance[i, i]));
                return new Rating(name, new Estimate(value, value - half, value + half, level), _votes[i]);
            }).OrderByDescending(r => r.Value.Value).ThenBy(r => r.Entrant, StringComparer.Ordinal),
        ];
    }

    /// <summary>log πᵢ − log πⱼ with its standard error: what to look at to say whether one is better.</summary>
    public (double Value, double StandardError) LogOdds(string entrant, string other)
    {
        var (i, j) = (IndexOf(entrant), IndexOf(other));
        return (_abilities[i] - _abilities[j], Math.Sqrt(Math.Max(0, _covariance[i, i] + _covariance[j, j] - 2 * _covariance[i, j])));
    }

    /// <summary>Fits the votes; null where there are none.</summary>
    public static BradleyTerry? Fit(IEnumerable<Vote> votes)
    {
        ArgumentNullException.ThrowIfNull(votes);
        List<string> entrants = [];
        Dictionary<string, int> indices = [];
        int Index(string name)
        {
            if (indices.TryAdd(name, entrants.Count))
                entrants.Add(name);
            return indices[name];
        }
        Dictionary<(int, int), double> won = [];
        List<int> counts = [];
        foreach (var vote in votes)
        {
            vote.Check();
            var (i, j) = (Index(vote.First), Index(vote.Second));
            counts.AddRange(Enumerable.Repeat(0, entrants.Count - counts.Count));
            (counts[i], counts[j]) = (counts[i] + 1, counts[j] + 1);
            won[(i, j)] = won.GetValueOrDefault((i, j)) + vote.Score;
            won[(j, i)] = won.GetValueOrDefault((j, i)) + 1 - vote.Score;
        }
        if (entrants.Count == 0)
            return null;
        var wins = new double[entrants.Count, entrants.Count];
        foreach (var ((i, j), score) in won)
            wins[i, j] = score;
        var identified = IsStronglyConnected(wins);
        var prior = identified ? 0 : 1;
        var strengths = Maximise(wins, prior);
        return new BradleyTerry([.. entrants], [.. strengths.Select(strength => Math.Log(strength))], Covariance(wins, strengths, prior), [.. counts], identified);
    }

    private int IndexOf(string entrant) =>
        Entrants.IndexOf(entrant) is >= 0 and var i ? i : throw new ArgumentException($"'{entrant}' has no vote.", nameof(entrant));

    // πᵢ ← Wᵢ / Σⱼ nᵢⱼ/(πᵢ + πⱼ), then scaled to a geometric mean of 1 (of which the imaginary entrant is, where there is one).
    private static double[] Maximise(double[,] wins, double prior)
    {
        var k = wins.GetLength(0);
        var strengths = new double[k];
        Array.Fill(strengths, 1);
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var next = new double[k];
            for (var i = 0; i < k; i++)
            {
                var (won, rate) = (prior / 2, prior / (strengths[i] + 1));
                for (var j = 0; j < k; j++)
                {
                    won += wins[i, j];
                    rate += (wins[i, j] + wins[j, i]) / (strengths[i] + strengths[j]);
                }
                next[i] = won / rate;
            }
            if (prior == 0)
            {
                var mean = Math.Exp(next.Average(strength => Math.Log(strength)));
                for (var i = 0; i < k; i++)
                    next[i] /= mean;
            }
            var moved = next.Zip(strengths, (a, b) => Math.Abs(Math.Log(a / b))).Max();
            strengths = next;
            if (moved < 1e-13)
                break;
        }
        return strengths;
    }

    // The information of log πᵢ has rank k − 1, its null vector being the common shift: (L + 11ᵀ/k)⁻¹ − 11ᵀ/k is its pseudo-inverse.
    private static Matrix<double> Covariance(double[,] wins, double[] strengths, double prior)
    {
        var k = strengths.Length;
        var information = Matrix<double>.Build.Dense(k, k);
        for (var i = 0; i < k; i++)
        {
            information[i, i] += prior * strengths[i] / Math.Pow(strengths[i] + 1, 2);
            for (var j = 0; j < k; j++)
            {
                if (i == j)
                    continue;
                var weight = (wins[i, j] + wins[j, i]) * strengths[i] * strengths[j] / Math.Pow(strengths[i] + strengths[j], 2);
                information[i, i] += weight;
                information[i, j] -= weight;
            }
        }
        if (prior > 0)
            return information.Inverse();
        var ones = Matrix<double>.Build.Dense(k, k, 1.0 / k);
        return (information + ones).Inverse() - ones;
    }

    private static bool IsStronglyConnected(double[,] wins)
    {
        return Reaches((i, j) => wins[i, j] > 0) && Reaches((i, j) => wins[j, i] > 0);

        bool Reaches(Func<int, int, bool> edge)
        {
            var k = wins.GetLength(0);
            var seen = new bool[k];
            Stack<int> open = new([0]);
            seen[0] = true;
            while (open.TryPop(out var i))
            {
                for (var j = 0; j < k; j++)
                {
                    if (!seen[j] && edge(i, j))
                    {
                        seen[j] = true;
                        open.Push(j);
                    }
                }
            }
            return seen.All(s => s);
        }
    }
}
