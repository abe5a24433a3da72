using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>
/// Elo's ratings: after each vote the first moves by K·(score − expected), the second by the opposite, with
/// expected = 1/(1 + 10^((second − first)/400)) (Elo, "The Rating of Chessplayers", 1978). They depend on the order of the
/// votes; for entrants that do not change, <see cref="BradleyTerry"/> uses the votes better.
/// </summary>
public static class Elo
{
    /// <summary>Where everyone starts.</summary>
    public const double Start = 1000;

    /// <summary>Most a vote moves a rating. Small, as in chatbot arenas: entrants don't change, votes are noisy.</summary>
    public const double DefaultK = 4;

    /// <summary>The expected score of one rated <paramref name="own"/> against one rated <paramref name="other"/>.</summary>
    public static double Expected(double own, double other) => 1 / (1 + Math.Pow(10, (other - own) / 400));

    /// <summary>Ratings after the votes, in their order; highest first, then by name.</summary>
    public static ImmutableArray<KeyValuePair<string, double>> Rate(IEnumerable<Vote> votes, double k = DefaultK)
    {
        ArgumentNullException.ThrowIfNull(votes);
        Dictionary<string, double> ratings = [];
        foreach (var vote in votes)
        {
            vote.Check();
            var (first, second) = (ratings.GetValueOrDefault(vote.First, Start), ratings.GetValueOrDefault(vote.Second, Start));
            var step = k * (vote.Score - Expected(first, second));
            (ratings[vote.First], ratings[vote.Second]) = (first + step, second - step);
        }
        return [.. ratings.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal)];
    }

    /// <summary>Ratings with percentile intervals over <paramref name="replicates"/> resamples of the votes, each also in a new order; the value is the resamples' median.</summary>
    public static ImmutableArray<Rating> RateWithIntervals(
        IReadOnlyList<Vote> votes, double k = DefaultK, int replicates = 1000, ulong seed = 1, double level = Estimate.DefaultLevel)
    {
        ArgumentNullException.ThrowIfNull(votes);
        var random = new RandomStream(seed);
        var samples = votes.SelectMany(v => new[] { v.First, v.Second }).Distinct().ToDictionary(name => name, _ => new List<double>(replicates));
        var drawn = new Vote[votes.Count];
        for (var r = 0; r < replicates && votes.Count > 0; r++)
        {
            for (var i = 0; i < drawn.Length; i++)
                drawn[i] = votes[random.Below(votes.Count)];
            var rated = Rate(drawn, k).ToDictionary();
            foreach (var (name, values) in samples)
                values.Add(rated.GetValueOrDefault(name, Start));
        }
        return
        [
            .. samples.Select(s =>
            {
                double[] sorted = [.. s.Value.Order()];
                return new Rating(s.Key, ClusterBootstrap.Percentile(ClusterBootstrap.QuantileOf(sorted, 0.5), sorted, level), votes.Count(v => v.First == s.Key || v.Second == s.Key));
            }).OrderByDescending(r => r.Value.Value).ThenBy(r => r.Entrant, StringComparer.Ordinal),
        ];
    }
}
