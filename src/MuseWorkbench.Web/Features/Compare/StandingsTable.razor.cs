using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Compare;

/// <summary>Teams by what people voted.</summary>
public sealed partial class StandingsTable
{
    private IReadOnlyList<ArenaVote>? _counted;
    private Standings _standings = new([], 0, true);
    private bool _blindOnly;

    [Parameter, EditorRequired] public required IReadOnlyList<ArenaVote> Votes { get; set; }

    private string Counted => _standings.Votes == 0 ? "" : $"{Fmt.Count(_standings.Votes)} {(_standings.Votes == 1 ? "vote" : "votes")}";

    private double Low => _standings.Teams.Min(team => team.Rating.Lower);

    private double High => _standings.Teams.Max(team => team.Rating.Upper);

    // Fitted when the votes change, not with every word the teams say.
    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_counted, Votes))
        {
            Count();
        }
    }

    private void Count()
    {
        _counted = Votes;
        _standings = Standings.Of([.. Votes.Where(vote => vote.Blind || !_blindOnly)]);
    }

    private string At(double rating) => Fmt.Css(High > Low ? 10 + ((rating - Low) / (High - Low) * 980) : 500);

    private static string Whole(double rating) => rating.ToString("0", CultureInfo.InvariantCulture);
}
