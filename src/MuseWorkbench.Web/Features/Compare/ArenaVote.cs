using System.Collections.Immutable;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>What a person said of several teams' answers to one question.</summary>
public enum ArenaVerdict { Best, Tie, NoneGood }

/// <summary>One team that was compared.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="Team">Its name at that time.</param>
/// <param name="Hash">Of its content: teams with one hash are one entrant, whatever they are called.</param>
public sealed record ArenaEntry(Guid RunId, string Team, string Hash);

/// <summary>A vote over two to four teams.</summary>
/// <param name="Entries">In the order they were shown.</param>
/// <param name="Winner">Which of them, from 0; null unless the verdict is <see cref="ArenaVerdict.Best"/>.</param>
/// <param name="Blind">Whether names were hidden until the vote.</param>
public sealed record ArenaVote(Guid Id, DateTimeOffset At, ImmutableArray<ArenaEntry> Entries, ArenaVerdict Verdict, int? Winner, bool Blind)
{
    /// <summary>
    /// As votes between two: the winner against each other team; all against all as ties where none was better. Of teams that
    /// lost together nothing was said, so nothing is counted.
    /// </summary>
    public IEnumerable<Vote> Pairs() => Winner is { } winner
        ? Entries.Where((_, i) => i != winner).Select(other => new Vote(Entries[winner].Hash, other.Hash, 1))
        : Entries.SelectMany((first, i) => Entries.Skip(i + 1).Select(second => new Vote(first.Hash, second.Hash, 0.5)));

    /// <summary>Whether it can be counted: two to four different teams, a winner exactly where there is a best.</summary>
    public bool IsSound => !Entries.IsDefault && Entries.Length is >= Arena.MinTeams and <= Arena.MaxTeams
        && Entries.Select(entry => entry.Hash).Distinct().Count() == Entries.Length
        && (Verdict == ArenaVerdict.Best ? Winner >= 0 && Winner < Entries.Length : Winner is null);
}
