using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests.Statistics;

public class VotesTests
{
    [Fact]
    public void BradleyTerry_Unbeaten_StaysFinite()
    {
        var fit = BradleyTerry.Fit([new Vote("A", "B", 1), new Vote("A", "B", 1), new Vote("B", "C", 1)])!;
        Assert.False(fit.IsIdentified);
        Assert.Equal(["A", "B", "C"], fit.Ratings().Select(r => r.Entrant));
        Assert.All(fit.Ratings(), rating => Assert.True(double.IsFinite(rating.Value.Lower) && rating.Value.Lower < rating.Value.Value));
    }

    [Fact]
    public void BradleyTerry_ThreeToOne_OddsOfThree()
    {
        var fit = BradleyTerry.Fit([new("A", "B", 1), new("B", "A", 0), new("A", "B", 1), new("A", "B", 0)])!;
        Assert.Equal(Math.Log(3), fit.LogOdds("A", "B").Value, 1e-9);
        // Var(log odds) = 1/3 + 1/1 for a binomial.
        Assert.Equal(Math.Sqrt(4 / 3.0), fit.LogOdds("A", "B").StandardError, 1e-9);
    }

    [Fact]
    public void BradleyTerry_Ties_CountHalf() =>
        Assert.Equal(0, BradleyTerry.Fit([new("A", "B", 0.5), new("A", "B", 0.5)])!.LogOdds("A", "B").Value, 1e-9);

    [Fact]
    public void BradleyTerry_NoVotes_Nothing() => Assert.Null(BradleyTerry.Fit([]));

    [Fact]
    public void Vote_WithItself_Refused() => Assert.Throws<ArgumentException>(() => BradleyTerry.Fit([new("A", "A", 1)]));

    [Fact]
    public void Elo_EqualsMeet_WinnerTakesHalfOfK() =>
        Assert.Equal([KeyValuePair.Create("A", 1016.0), KeyValuePair.Create("B", 984.0)], Elo.Rate([new Vote("A", "B", 1)], k: 32));

    [Fact]
    public void EloIntervals_StrongerEntrant_AboveWithInterval()
    {
        var votes = Enumerable.Range(0, 200).Select(i => new Vote("A", "B", i % 4 == 0 ? 0 : 1)).ToList();
        var ratings = Elo.RateWithIntervals(votes, replicates: 200);
        Assert.Equal(["A", "B"], ratings.Select(r => r.Entrant));
        Assert.True(ratings[0].Value.Lower > ratings[1].Value.Upper);
        Assert.Equal(200, ratings[0].Votes);
        Assert.Equal(ratings.AsEnumerable(), Elo.RateWithIntervals(votes, replicates: 200));
    }

    [Fact]
    public void Kappa_OneCategoryOnly_Undefined() => Assert.Null(CohenKappa.Of([("yes", "yes"), ("yes", "yes")], ["yes", "no"]));

    [Fact]
    public void Kappa_UnknownCategory_Refused() => Assert.Throws<ArgumentException>(() => CohenKappa.Of([("yes", "maybe")], ["yes", "no"]));
}
