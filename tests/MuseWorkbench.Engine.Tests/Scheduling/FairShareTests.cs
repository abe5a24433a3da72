using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class FairShareTests
{
    [Theory]
    [InlineData(12, new[] { 40, 40, 2 }, new[] { 5, 5, 2 })]
    [InlineData(12, new[] { 2, 40, 40 }, new[] { 2, 5, 5 })]
    [InlineData(10, new[] { 3, 3 }, new[] { 3, 3 })]
    [InlineData(7, new[] { 5, 5, 5 }, new[] { 2, 2, 3 })]
    [InlineData(3, new[] { 9, 9, 9 }, new[] { 1, 1, 1 })]
    [InlineData(0, new int[0], new int[0])]
    public void Divide_RowsAmongWants_NobodyGoesShortForWhoHasMore(int total, int[] wanted, int[] given) =>
        Assert.Equal(given, FairShare.Divide(total, wanted));

    [Fact]
    public void Join_NewRun_StartsLevelWithTheOneServedLeast()
    {
        var shares = new FairShare();
        shares.Join("much").Served = 900;
        shares.Join("little").Served = 200;

        Assert.Equal(200, shares.Join("new").Served);
    }

    [Fact]
    public void Join_RunThatComesBackWithinItsTurn_OwesWhatItHadMoreThanOthers()
    {
        var shares = new FairShare();
        var greedy = shares.Join("greedy");
        shares.Join("modest").Served = 100;
        greedy.Served = 500;
        shares.Leave(greedy);

        Assert.Equal(500, shares.Join("greedy").Served);
    }

    [Fact]
    public void Join_RunThatWasAway_EarnsNoCreditForWaiting()
    {
        var shares = new FairShare();
        var away = shares.Join("away");
        var busy = shares.Join("busy");
        busy.Served = 50;
        shares.Leave(away);
        busy.Served = 1000;

        Assert.Equal(1000, shares.Join("away").Served);
    }

    [Fact]
    public void Leave_LastRun_LeavesNoDebtBehind()
    {
        var shares = new FairShare();
        var only = shares.Join("only");
        only.Served = 700;
        shares.Leave(only);

        Assert.Equal(0, shares.Join("only").Served);
    }
}
