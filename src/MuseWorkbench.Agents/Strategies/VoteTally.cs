using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>Counts answers under their normalised form, each vote as one or by its weight.</summary>
public sealed class VoteTally
{
    // Weights of equal confidences, added up in different orders, differ in their last bits.
    private const double Same = 1e-9;

    private readonly List<VoteOption> _options = [];

    /// <summary>Most votes (or weight) first, then the one given earliest.</summary>
    public ImmutableArray<VoteOption> Options => [.. _options.OrderByDescending(o => o.Strength)];

    /// <summary>Votes of the leading answer and of the one after it.</summary>
    public (int First, int Second) Lead
    {
        get
        {
            var options = Options;
            return (options.Length > 0 ? options[0].Agents.Length : 0, options.Length > 1 ? options[1].Agents.Length : 0);
        }
    }

    /// <summary>The votes of these results.</summary>
    public static VoteTally Of(IEnumerable<AgentResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var tally = new VoteTally();
        foreach (var result in results)
            tally.Add(result);
        return tally;
    }

    /// <summary>Counts a result; one without a vote changes nothing.</summary>
    /// <param name="weight">What it weighs, where votes are weighted: then every vote must be.</param>
    public void Add(AgentResult result, double? weight = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!result.Votes)
            return;
        var at = _options.FindIndex(o => o.Normalised == result.NormalisedAnswer);
        if (at < 0)
            _options.Add(new VoteOption(Show(result), result.NormalisedAnswer, [result.Index]) { Weight = weight });
        else
            _options[at] = _options[at] with { Agents = _options[at].Agents.Add(result.Index), Weight = _options[at].Weight + weight };
    }

    /// <summary>The outcome of the votes so far.</summary>
    /// <param name="tieBreak">Left out, a tie stays one: who was stopped in the middle has not decided.</param>
    public FinalAnswer Decide(TieBreak tieBreak = TieBreak.Open)
    {
        var options = Options;
        if (options.IsEmpty)
            return new FinalAnswer { Outcome = FinalOutcome.NoAnswer, Answer = "", Options = options, Agreement = 0 };
        var votes = options.Sum(o => o.Agents.Length);
        var most = options[0].Strength;
        var leaders = options.Where(o => most - o.Strength <= Same * most).ToArray();
        if (tieBreak == TieBreak.FirstAgent && leaders.Length > 1)
            leaders = [leaders.MinBy(o => o.Agents.Min())!];
        var outcome = (leaders.Length, options.Length, votes) switch
        {
            (> 1, _, _) => FinalOutcome.Tie,
            (_, > 1, _) when most - options[1].Strength <= Same * most => FinalOutcome.CastingVote,
            (_, _, 1) => FinalOutcome.Single,
            (_, 1, _) => FinalOutcome.Unanimous,
            _ => options[0].Weight is null ? FinalOutcome.Majority : FinalOutcome.Weighted,
        };
        return new FinalAnswer
        {
            Outcome = outcome,
            Answer = string.Join(" | ", leaders.Select(o => o.Answer)),
            Options = options,
            Agreement = ShareOf(options[0]),
        };
    }

    /// <summary>An option's share of all votes or weight, 0 to 1.</summary>
    public double ShareOf(VoteOption? option) => option is null ? 0 : option.Strength / _options.Sum(o => o.Strength);

    // An answer of nothing but boxes has no text of its own to show.
    internal static string Show(AgentResult result) => result.Answer.Length > 0 ? result.Answer : result.NormalisedAnswer;
}
