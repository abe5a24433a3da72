using MuseWorkbench.Web.Features.Compare;

namespace MuseWorkbench.Web.Tests.Compare;

public sealed class StandingsTests
{
    [Fact]
    public void Pairs_WinnerOfThree_BeatsEachAndNothingIsSaidOfTheOthers() =>
        Assert.Equal([("b", "a", 1.0), ("b", "c", 1.0)], Vote(ArenaVerdict.Best, 1, "a", "b", "c").Pairs().Select(pair => (pair.First, pair.Second, pair.Score)));

    [Theory]
    [InlineData(ArenaVerdict.Tie)]
    [InlineData(ArenaVerdict.NoneGood)]
    public void Pairs_NoWinner_EveryPairIsATie(ArenaVerdict verdict) =>
        Assert.Equal([("a", "b", 0.5), ("a", "c", 0.5), ("b", "c", 0.5)], Vote(verdict, null, "a", "b", "c").Pairs().Select(pair => (pair.First, pair.Second, pair.Score)));

    [Fact]
    public void IsSound_UnsoundVotes_False()
    {
        Assert.True(Vote(ArenaVerdict.Best, 0, "a", "b").IsSound);
        Assert.False(Vote(ArenaVerdict.Best, 2, "a", "b").IsSound);
        Assert.False(Vote(ArenaVerdict.Best, null, "a", "b").IsSound);
        Assert.False(Vote(ArenaVerdict.Tie, 0, "a", "b").IsSound);
        Assert.False(Vote(ArenaVerdict.Tie, null, "a", "a").IsSound);
        Assert.False(Vote(ArenaVerdict.Tie, null, "a").IsSound);
        Assert.False(Vote(ArenaVerdict.Tie, null, "a", "b", "c", "d", "e").IsSound);
        Assert.False((Vote(ArenaVerdict.Tie, null, "a", "b") with { Entries = default }).IsSound);
    }

    [Fact]
    public void Of_NoVotes_Empty() => Assert.Empty(Standings.Of([]).Teams);

    [Fact]
    public void Of_ThreeToOne_RatingsApartByTheLogOddsOnElosScale()
    {
        var standings = Standings.Of([.. Enumerable.Repeat(Vote(ArenaVerdict.Best, 0, "a", "b"), 3), Vote(ArenaVerdict.Best, 1, "a", "b")]);

        Assert.Equal(["a", "b"], standings.Teams.Select(team => team.Hash));
        // Bradley–Terry's odds are those of the wins, 3 to 1: 400 · log₁₀ 3 points.
        Assert.Equal(400 * Math.Log10(3), standings.Teams[0].Rating.Value - standings.Teams[1].Rating.Value, 4);
        Assert.Equal((3, 4, 4, true), (standings.Teams[0].Won, standings.Teams[0].Pairings, standings.Votes, standings.IsIdentified));
    }

    [Fact]
    public void Of_AllWon_SaysThatRatingsAreDrawnTogether()
    {
        var standings = Standings.Of([Vote(ArenaVerdict.Best, 0, "a", "b")]);

        Assert.False(standings.IsIdentified);
        Assert.True(double.IsFinite(standings.Teams[0].Rating.Value));
    }

    [Fact]
    public void Of_TwoTeamsOfOneName_AreNumbered()
    {
        var vote = Vote(ArenaVerdict.Tie, null, "a", "b");

        var standings = Standings.Of([vote with { Entries = [.. vote.Entries.Select(entry => entry with { Team = "Eight" })] }]);

        Assert.Equal(["Eight", "Eight (2)"], standings.Teams.Select(team => team.Team).Order());
    }

    internal static ArenaVote Vote(ArenaVerdict verdict, int? winner, params string[] teams) =>
        new(Guid.NewGuid(), DateTimeOffset.UnixEpoch, [.. teams.Select(team => new ArenaEntry(Guid.NewGuid(), "Team " + team, team))], verdict, winner, true);
}
