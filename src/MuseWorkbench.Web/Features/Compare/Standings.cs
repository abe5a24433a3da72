using System.Collections.Immutable;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>A team's place after all votes.</summary>
/// <param name="Team">Its latest name, numbered where another team has the same.</param>
/// <param name="Rating">Bradley–Terry on Elo's scale, with its 95 % interval.</param>
/// <param name="Elo">Elo's rating after the votes in their order.</param>
/// <param name="Won">Pairings won; a tie counts half.</param>
/// <param name="Pairings">Pairings it took part in.</param>
public sealed record Standing(string Hash, string Team, Estimate Rating, double Elo, double Won, int Pairings);

/// <summary>What votes over teams come to.</summary>
/// <param name="Teams">Strongest first.</param>
/// <param name="Votes">Votes counted.</param>
/// <param name="IsIdentified">False where a team won or lost everything: ratings are then drawn together by an imaginary tie.</param>
public sealed record Standings(ImmutableArray<Standing> Teams, int Votes, bool IsIdentified)
{
    public static Standings Of(IReadOnlyList<ArenaVote> votes)
    {
        ArgumentNullException.ThrowIfNull(votes);
        Vote[] pairs = [.. votes.SelectMany(vote => vote.Pairs())];
        if (BradleyTerry.Fit(pairs) is not { } fitted)
        {
            return new([], 0, true);
        }

        var names = NamesOf(votes);
        var elo = Elo.Rate(pairs).ToDictionary();
        return new(
            [
                .. fitted.Ratings().Select(rating => new Standing(
                    rating.Entrant, names[rating.Entrant], rating.Value, elo[rating.Entrant],
                    pairs.Sum(pair => pair.First == rating.Entrant ? pair.Score : pair.Second == rating.Entrant ? 1 - pair.Score : 0), rating.Votes)),
            ],
            votes.Count, fitted.IsIdentified);
    }

    private static Dictionary<string, string> NamesOf(IReadOnlyList<ArenaVote> votes)
    {
        var latest = new Dictionary<string, string>();
        foreach (var entry in votes.SelectMany(vote => vote.Entries))
        {
            latest[entry.Hash] = entry.Team;
        }

        return latest.GroupBy(entry => entry.Value).SelectMany(same => same.Select((entry, i) =>
            KeyValuePair.Create(entry.Key, i == 0 ? entry.Value : $"{entry.Value} ({i + 1})"))).ToDictionary();
    }
}
