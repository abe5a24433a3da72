using System.Collections.Immutable;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Experiments.Results;

/// <summary>
/// What a vote among fewer of a run's agents would have come to: agents of a self-consistency team answer on their own, so
/// any subset of them is a run of a smaller team, and nothing needs to be generated again.
/// </summary>
internal sealed class VoteResampling
{
    /// <summary>Subsets drawn of each size between one and all.</summary>
    private const int Draws = 32;

    private readonly ScoredRun _run;
    private readonly ImmutableArray<Voter> _voters;

    private VoteResampling(ScoredRun run, ImmutableArray<Voter> voters) => (_run, _voters) = (run, voters);

    public int Agents => _voters.Length;

    /// <summary>Null where the run can't be scored.</summary>
    public static VoteResampling? Of(IReadOnlyList<RunEvent> events)
    {
        if (events is not [RunStarted, ..] || ScoredRun.From(events) is not { Problem: null } run)
            return null;
        // In the order in which they answered, as in the run itself.
        var finished = events.OfType<AgentFinished>().GroupBy(e => e.Agent).Select(g => g.Last()).OrderBy(e => e.Seq);
        return new VoteResampling(run, [.. finished.Select(e => new Voter(e, run.Agents.First(agent => agent.Index == e.Agent)))]);
    }

    /// <summary>Mean score, tokens and milliseconds of votes among so many agents; null where one could not be scored.</summary>
    public async Task<(double Score, double Tokens, double Ms)?> ScoreAsync(int size, IReadOnlyList<Assertion> assertions, ScoringServices services, ulong seed, CancellationToken cancellationToken)
    {
        var (score, tokens, ms, count) = (0.0, 0.0, 0.0, 0);
        foreach (var subset in Subsets(size, seed))
        {
            var run = Vote(subset);
            if ((await CaseScore.OfAsync(run, assertions, services, cancellationToken: cancellationToken)).Score is not { } value)
                return null;
            score += value;
            tokens += run.End!.TotalTokens;
            ms += run.End.WallClockMs;
            count++;
        }
        return (score / count, tokens / count, ms / count);
    }

    private IEnumerable<ImmutableArray<Voter>> Subsets(int size, ulong seed)
    {
        if (size >= _voters.Length)
            return [_voters];
        if (size == 1)
            return _voters.Select(voter => ImmutableArray.Create(voter));
        var random = new RandomStream(seed + (ulong)size);
        return Enumerable.Range(0, Draws).Select(_ =>
        {
            var order = Enumerable.Range(0, _voters.Length).ToArray();
            random.Shuffle<int>(order);
            return order.Take(size).Order().Select(i => _voters[i]).ToImmutableArray();
        });
    }

    private ScoredRun Vote(ImmutableArray<Voter> voters)
    {
        var options = voters.Where(voter => voter.Finished.NormalisedAnswer.Length > 0).GroupBy(voter => voter.Finished.NormalisedAnswer)
            .Select(g => new VoteOption(g.First().Shown, g.Key, [.. g.Select(voter => voter.Finished.Agent)]))
            .OrderByDescending(option => option.Agents.Length).ToImmutableArray();
        var leaders = options.TakeWhile(option => option.Agents.Length == options[0].Agents.Length).ToList();
        var isTie = leaders.Count > 1;
        var isOpen = isTie && _run.Request.Team.Options?.TieBreak == TieBreak.Open;
        if (isTie && !isOpen)
            leaders = [leaders.MinBy(option => option.Agents.Min())!];
        return _run with
        {
            Agents = [.. voters.Select(voter => voter.Agent).OrderBy(agent => agent.Index)],
            Final = new FinalAnswer
            {
                Outcome = options.IsEmpty ? FinalOutcome.NoAnswer : isOpen ? FinalOutcome.Tie : isTie ? FinalOutcome.CastingVote : FinalOutcome.Majority,
                Answer = string.Join(" | ", leaders.Select(option => option.Answer)), Options = options,
                Agreement = options.IsEmpty ? 0 : (double)options[0].Agents.Length / options.Sum(option => option.Agents.Length),
            },
            End = _run.End! with
            {
                TotalTokens = voters.Sum(voter => voter.Finished.Usage.GeneratedTokens),
                CriticalPathTokens = voters.Max(voter => voter.Finished.Usage.GeneratedTokens),
                WallClockMs = voters.Max(voter => voter.Finished.Timings.TotalMs),
            },
        };
    }

    private sealed record Voter(AgentFinished Finished, ScoredAgent Agent)
    {
        public string Shown => Finished.Answer.Length > 0 ? Finished.Answer : Finished.NormalisedAnswer;
    }
}
