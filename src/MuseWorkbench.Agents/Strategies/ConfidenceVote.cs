using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>The weighted vote of one run, and what its warm-up allows.</summary>
internal sealed class ConfidenceVote(AgentTeam team)
{
    private readonly List<AgentResult> _results = [];
    private readonly int _groupTokens = team.GetInt(StrategyOptionList.GroupTokens);
    // Read by agents' own threads.
    private double? _least;
    private int _expected;
    private bool _warm;

    public ImmutableArray<AgentResult> Results => [.. _results];

    /// <summary>After the warm-up: the leader holds the share of the weight that is asked for.</summary>
    public bool IsDecided =>
        _warm && team.Get(StrategyOptionList.Threshold) is < 1 and var threshold && Tally() is var tally
        && tally.Options is [var leader, ..] && tally.ShareOf(leader) >= threshold
        // One vote agrees with itself.
        && tally.Options.Sum(o => o.Agents.Length) > 1;

    public void Add(AgentResult result) => _results.Add(result);

    public void Report() => team.ReportVote(new VoteChanged { Options = Tally().Options, Open = team.Size - _results.Count });

    public FinalAnswer Decide() => Tally().DecideFor(team);

    /// <summary>From here on weak agents may be stopped: those less sure than all but the share of the warm-up agents to be kept.</summary>
    public void EndWarmUp()
    {
        _warm = true;
        _expected = Voting.ExpectedTokens(_results);
        var lowest = _results.Where(r => r.RanToItsEnd && r.Confidence is not null).Select(r => r.Confidence!.LowestGroup).ToArray();
        if (lowest.Length > 0)
            _least = Line(lowest, team.Get(StrategyOptionList.KeepShare));
    }

    /// <summary>Stops an agent whose latest whole group of tokens is less sure than the warm-up allows.</summary>
    public void StopIfWeak(TeamAgent agent)
    {
        if (_least is { } least && agent.Tokens >= _groupTokens && agent.GroupConfidence < least)
            agent.StopEarly(EarlyStopReason.LowConfidence, _expected);
    }

    /// <summary>What was spared in all: agents stopped as weak, and those the decided vote had no use for.</summary>
    public EarlyStop? WithKilled(EarlyStop? spared)
    {
        var killed = _results.Where(r => r.EarlyStopReason == EarlyStopReason.LowConfidence).ToArray();
        if (killed.Length == 0)
            return spared;
        var decided = _results.Count(r => r.EarlyStopReason == EarlyStopReason.Decided);
        var notStarted = spared?.NotStarted ?? 0;
        return new EarlyStop(
            killed.Length >= decided + notStarted ? EarlyStopReason.LowConfidence : EarlyStopReason.Decided,
            killed.Length + decided, notStarted,
            killed.Sum(r => r.EstimatedTokensSaved) + (spared?.EstimatedTokensSaved ?? 0));
    }

    /// <summary>
    /// The lowest group that at least this share of the warm-up reaches. The paper's percentile of 16 traces, interpolated,
    /// would always exclude one of the few a team has.
    /// </summary>
    internal static double Line(double[] lowest, double share) => lowest.Order().ElementAt(Math.Min(lowest.Length - 1, (int)Math.Floor(((1 - share) * lowest.Length) + 1e-9)));

    // Where no server says how sure it was, every vote counts one. Where only some do, the others weigh as much as those on average.
    private VoteTally Tally()
    {
        var voters = Voters();
        var known = voters.Where(r => r.Confidence is not null).Select(Score).ToArray();
        var tally = new VoteTally();
        foreach (var result in voters)
            tally.Add(result, known.Length == 0 ? null : result.Confidence is null ? known.Average() : Score(result));
        return tally;
    }

    private AgentResult[] Voters()
    {
        var voters = _results.Where(r => r.Votes).ToArray();
        // Stopping weak agents already keeps the share; warm-up agents are held to the same line.
        if (_least is { } least)
            return [.. voters.Where(r => r.Confidence is null || r.Confidence.LowestGroup >= least)];
        var kept = (int)Math.Ceiling(voters.Length * team.Get(StrategyOptionList.KeepShare));
        var surest = voters.OrderByDescending(r => r.Confidence is null ? double.PositiveInfinity : Score(r)).Take(kept).ToHashSet();
        return [.. voters.Where(surest.Contains)];
    }

    private double Score(AgentResult result) => (ConfidenceMeasure)team.GetInt(StrategyOptionList.Measure) switch
    {
        ConfidenceMeasure.Tail => result.Confidence!.Tail,
        ConfidenceMeasure.LowestGroup => result.Confidence!.LowestGroup,
        ConfidenceMeasure.Bottom10 => result.Confidence!.Bottom10,
        _ => result.Confidence!.Mean,
    };
}
