using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>Counts answers under their normalised form.</summary>
public sealed class VoteTally
{
    private readonly List<VoteOption> _options = [];

    /// <summary>Most votes first, then the one given earliest.</summary>
    public ImmutableArray<VoteOption> Options => [.. _options.OrderByDescending(o => o.Agents.Length)];

    /// <summary>Counts a result; one without a vote changes nothing.</summary>
    public void Add(AgentResult result)
    {
        if (!result.Votes)
            return;
        var at = _options.FindIndex(o => o.Normalised == result.NormalisedAnswer);
        if (at < 0)
            _options.Add(new VoteOption(Show(result), result.NormalisedAnswer, [result.Index]));
        else
            _options[at] = _options[at] with { Agents = _options[at].Agents.Add(result.Index) };
    }

    /// <summary>The outcome of the votes so far.</summary>
    public FinalAnswer Decide()
    {
        var options = Options;
        if (options.IsEmpty)
            return new FinalAnswer { Outcome = FinalOutcome.NoAnswer, Answer = "", Options = options, Agreement = 0 };
        var votes = options.Sum(o => o.Agents.Length);
        var most = options[0].Agents.Length;
        var leaders = options.Where(o => o.Agents.Length == most).ToArray();
        var outcome = (leaders.Length, options.Length, votes) switch
        {
            (> 1, _, _) => FinalOutcome.Tie,
            (_, _, 1) => FinalOutcome.Single,
            (_, 1, _) => FinalOutcome.Unanimous,
            _ => FinalOutcome.Majority,
        };
        return new FinalAnswer
        {
            Outcome = outcome,
            Answer = string.Join(" | ", leaders.Select(o => o.Answer)),
            Options = options,
            Agreement = (double)most / votes,
        };
    }

    // An answer of nothing but boxes has no text of its own to show.
    private static string Show(AgentResult result) => result.Answer.Length > 0 ? result.Answer : result.NormalisedAnswer;
}
