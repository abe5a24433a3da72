using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>What a comparison came to.</summary>
public enum Decision { NotDecided, ABetter, BBetter }

/// <summary>
/// Two teams on the same cases. A case counts where both have a score on it; all uncertainty is by cluster. A difference
/// is decided where the bootstrap interval excludes 0 and the corrected p is below 1 − level: two methods that err
/// differently must agree.
/// </summary>
public sealed record TeamComparison
{
    public required TeamSummary A { get; init; }
    public required TeamSummary B { get; init; }

    /// <summary>Cases both have a score on.</summary>
    public required int Cases { get; init; }

    /// <summary>Clusters these lie in.</summary>
    public required int Clusters { get; init; }

    /// <summary>Cases that don't count because only the other team has a score, or neither.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Mean score of B less that of A with the BCa interval of the paired cluster bootstrap; null without a case.</summary>
    public Estimate? Difference { get; init; }

    /// <summary>The same difference with the percentile interval.</summary>
    public Estimate? PercentileDifference { get; init; }

    /// <summary>Cluster-robust standard error of the difference; null with fewer than two clusters.</summary>
    public double? StandardError { get; init; }

    /// <summary>Cohen's h between the two means.</summary>
    public double? CohenH { get; init; }

    /// <summary>Two-sided p of <see cref="SignFlipTest"/>.</summary>
    public double P { get; init; } = 1;

    /// <summary>p after Holm's correction over the comparisons made together.</summary>
    public double AdjustedP { get; init; } = 1;

    /// <summary>Comparisons made together, this one included.</summary>
    public int Family { get; init; } = 1;

    /// <summary>Where every case was right or wrong and is a cluster of its own; else null, the test would not hold.</summary>
    public McNemar? McNemar { get; init; }

    /// <summary>Smallest difference these cases could show with <see cref="ComparisonOptions.Power"/>; null with fewer than two clusters.</summary>
    public double? MinimumDetectableEffect { get; init; }

    /// <summary>About how many more cases would decide a difference as large as the one seen; null where it is decided, is 0, or can't be told.</summary>
    public int? MoreCasesNeeded { get; init; }

    /// <summary>The difference if every case left out counted as wrong for the team without a score; null where none was left out.</summary>
    public double? DifferenceIfErrorsAreWrong { get; init; }

    public required ComparisonOptions Options { get; init; }

    public Decision Decision => Difference is { } difference && difference.Excludes(0) && AdjustedP < 1 - Options.Level
        ? difference.Value > 0 ? Decision.BBetter : Decision.ABetter
        : Decision.NotDecided;

    /// <summary>Compares two teams.</summary>
    /// <exception cref="ArgumentException">A score is not between 0 and 1.</exception>
    public static TeamComparison Of(TeamTrials a, TeamTrials b, ComparisonOptions? options = null) => WithNeeds(Measure(a, b, options ?? ComparisonOptions.Default));

    /// <summary>Compares each team with a baseline, which is A each time; Holm's correction over them.</summary>
    public static ImmutableArray<TeamComparison> Against(TeamTrials baseline, IEnumerable<TeamTrials> teams, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teams);
        return Corrected([.. teams.Select(team => Measure(baseline, team, options ?? ComparisonOptions.Default))]);
    }

    /// <summary>Compares every two teams; Holm's correction over all pairs.</summary>
    public static ImmutableArray<TeamComparison> Pairwise(IReadOnlyList<TeamTrials> teams, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(teams);
        return Corrected(
        [
            .. from i in Enumerable.Range(0, teams.Count)
               from j in Enumerable.Range(i + 1, teams.Count - i - 1)
               select Measure(teams[i], teams[j], options ?? ComparisonOptions.Default),
        ]);
    }

    private static ImmutableArray<TeamComparison> Corrected(ImmutableArray<TeamComparison> all)
    {
        var adjusted = Holm.Adjust([.. all.Select(comparison => comparison.P)]);
        return [.. all.Select((comparison, i) => WithNeeds(comparison with { AdjustedP = adjusted[i], Family = all.Length }))];
    }

    private static TeamComparison Measure(TeamTrials a, TeamTrials b, ComparisonOptions options)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var (ofA, ofB) = (ReducedCase.Of(a, options), ReducedCase.Of(b, options));
        var pairs = Pair(ofA, ofB);
        var both = pairs.Where(pair => pair.A is not null && pair.B is not null).ToList();
        var comparison = new TeamComparison
        {
            A = TeamSummary.Of(a, ofA, options), B = TeamSummary.Of(b, ofB, options), Options = options,
            Cases = both.Count, Clusters = both.Select(pair => pair.Cluster).Distinct().Count(), LeftOut = pairs.Count - both.Count,
            DifferenceIfErrorsAreWrong = pairs.Count > both.Count ? pairs.Average(pair => (pair.B ?? 0) - (pair.A ?? 0)) : null,
        };
        if (both.Count == 0)
            return comparison;
        var differences = ClusteredSample.Of(both.Select(pair => (pair.Cluster, pair.B!.Value - pair.A!.Value)));
        var replicates = ClusterBootstrap.Replicate(differences, options.Replicates, options.Seed);
        var error = differences.Clusters < 2 ? (double?)null : differences.StandardError;
        var p = SignFlipTest.P(differences, seed: options.Seed);
        return comparison with
        {
            // One cluster says nothing of others: no interval, not one of width 0.
            Difference = error is null
                ? differences.TInterval(options.Level)
                : ClusterBootstrap.BiasCorrected(differences, replicates, options.Level),
            PercentileDifference = error is null ? differences.TInterval(options.Level) : ClusterBootstrap.Percentile(differences.Mean, replicates, options.Level),
            StandardError = error,
            CohenH = EffectSize.CohenH(both.Average(pair => pair.A!.Value), both.Average(pair => pair.B!.Value)),
            P = p,
            AdjustedP = p,
            McNemar = differences.Clusters == both.Count && both.All(pair => pair.A is 0 or 1 && pair.B is 0 or 1)
                ? new McNemar(both.Count(pair => pair.A > pair.B), both.Count(pair => pair.B > pair.A))
                : null,
            MinimumDetectableEffect = error is > 0 ? Statistics.Power.MinimumDetectableEffect(error.Value, options.Level, options.Power) : null,
        };
    }

    // After the correction: only then is it known whether anything is needed.
    private static TeamComparison WithNeeds(TeamComparison comparison)
    {
        if (comparison.Decision != Decision.NotDecided || comparison.Difference is not { } difference || comparison.StandardError is not { } error || Math.Abs(difference.Value) < 1e-12)
            return comparison;
        // Holm's strictest step, so that what is promised for a family is enough.
        var level = 1 - (1 - comparison.Options.Level) / comparison.Family;
        var needed = error == 0 ? 0 : Statistics.Power.CasesNeeded(comparison.Cases, error, difference.Value, level, comparison.Options.Power);
        // Where all differ alike the error is 0, yet no test decides on fewer than log₂(2/α) clusters.
        var fewest = Math.Ceiling(Math.Log2(2 / (1 - level))) * comparison.Cases / comparison.Clusters;
        var more = Math.Max(Math.Max(needed, fewest) - comparison.Cases, 1);
        return comparison with { MoreCasesNeeded = more < int.MaxValue ? (int)Math.Ceiling(more) : null };
    }

    private static List<(string Cluster, double? A, double? B)> Pair(ImmutableArray<ReducedCase> a, ImmutableArray<ReducedCase> b)
    {
        var ofB = b.ToDictionary(c => c.CaseId);
        var ofA = a.Select(c => c.CaseId).ToHashSet();
        return
        [
            .. a.Select(c => (c.Cluster, c.Score, ofB.GetValueOrDefault(c.CaseId)?.Score)),
            .. b.Where(c => !ofA.Contains(c.CaseId)).Select(c => (c.Cluster, (double?)null, c.Score)),
        ];
    }
}
