using System.Collections.Immutable;
using MuseWorkbench.Agents.Strategies;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>
/// Two to four teams on one question, side by side. Blind, nothing that tells one from another is shown (name, votes, time,
/// the order of arrival) until the vote is cast. Touched on the circuit's dispatcher only.
/// </summary>
public sealed class Arena(IEnumerable<Guid> runs, bool blind)
{
    public const int MinTeams = 2, MaxTeams = 4;

    // A vote taken back leaves the names known: the next one is not blind.
    private bool _seen;

    public ImmutableArray<Contender> Contenders { get; } = [.. runs.Take(MaxTeams).Select((run, i) => new Contender(i, run))];

    public bool IsBlind => blind;

    /// <summary>The vote cast; null before.</summary>
    public ArenaVote? Vote { get; private set; }

    public bool IsRunning => Contenders.Any(contender => contender.Run.IsRunning);

    /// <summary>Whether who is who may be seen.</summary>
    public bool IsRevealed => !blind || _seen;

    /// <summary>Answers of a blind comparison come all at once: who is first would tell.</summary>
    public bool ShowsAnswers => !blind || !IsRunning;

    /// <summary>Why no vote can be cast; null where one can.</summary>
    public string? Problem =>
        IsRunning ? "Vote when all have answered."
        : Contenders.Any(contender => contender.Answer.Length == 0) ? "A team gave no answer: there is nothing to vote on."
        : Contenders.Select(contender => contender.Hash).Distinct().Count() < Contenders.Length ? "Two of the teams are the same: a vote between them would say nothing."
        : null;

    /// <summary>Groups of contenders that answered alike, largest first; empty until all have ended.</summary>
    public ImmutableArray<ImmutableArray<Contender>> Agreement => IsRunning
        ? []
        : [.. Contenders.Where(contender => contender.Answer.Length > 0)
            .GroupBy(contender => AnswerNormaliser.Normalise(contender.Answer, []))
            .Select(group => group.ToImmutableArray()).OrderByDescending(group => group.Length)];

    /// <summary>What they agree and differ in, in a sentence; empty while they are at work.</summary>
    public string Summary => Agreement switch
    {
        [] => "",
        [{ Length: > 1 } all] => all.Length == 2 ? "Both answer the same." : $"All {all.Length} answer the same.",
        [{ Length: 1 }] => $"Only {Agreement[0][0].Letter} answered.",
        [{ Length: 1 }, ..] => Contenders.Length == 2 ? "They answer differently." : "Each answers something else.",
        var groups => $"{string.Join(" and ", groups[0].Select(contender => contender.Letter))} answer the same; {string.Join(", ", groups.Skip(1).SelectMany(group => group).Select(contender => contender.Letter))} {(groups.Skip(1).Sum(group => group.Length) == 1 ? "differs" : "differ")}.",
    };

    /// <summary>Makes a vote; the caller keeps it and then takes it by <see cref="Take"/>.</summary>
    /// <param name="winner">Of the contenders, from 0, where one is best.</param>
    public ArenaVote Cast(ArenaVerdict verdict, int? winner, DateTimeOffset at) => new(
        Guid.CreateVersion7(at), at, [.. Contenders.Select(contender => new ArenaEntry(contender.Run.RunId, contender.Name, contender.Hash))],
        verdict, verdict == ArenaVerdict.Best ? winner : null, blind && !_seen);

    /// <summary>The vote that is kept; null where it was taken back.</summary>
    public void Take(ArenaVote? vote)
    {
        Vote = vote;
        _seen |= vote is not null;
    }
}
