using System.Collections.Immutable;

namespace MuseWorkbench.Curation.Statistics;

/// <summary>One attempt of a team at a case.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Score">0 to 1; null where there is none because something broke: an error is neither right nor wrong.</param>
public sealed record Trial(string CaseId, double? Score)
{
    /// <summary>What the case shares with others, such as its image's hash; the case's own id where it shares nothing.</summary>
    public string Cluster { get; init; } = CaseId;
}

/// <summary>A team's attempts.</summary>
/// <param name="Team">Its name, as the verdict calls it.</param>
/// <param name="Trials">Any number for each case, in any order.</param>
public sealed record TeamTrials(string Team, ImmutableArray<Trial> Trials);

/// <summary>How teams are compared.</summary>
public sealed record ComparisonOptions
{
    public static ComparisonOptions Default { get; } = new();

    /// <summary>Of intervals, and of the error allowed: 0.95 decides at p &lt; 0.05.</summary>
    public double Level { get; init; } = Estimate.DefaultLevel;

    /// <summary>With which chance a difference is to be found, where cases needed are counted.</summary>
    public double Power { get; init; } = Statistics.Power.DefaultPower;

    /// <summary>How a case's repeats become one score.</summary>
    public RepeatReducer Reducer { get; init; } = RepeatReducer.Mean;

    /// <summary>The k of the reducer.</summary>
    public int K { get; init; } = 1;

    public int Replicates { get; init; } = ClusterBootstrap.DefaultReplicates;

    /// <summary>Of everything random here.</summary>
    public ulong Seed { get; init; } = 1;
}
