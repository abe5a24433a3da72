using MuseWorkbench.Data.Runs;
using MuseWorkbench.Web.Features.Runs.List;

namespace MuseWorkbench.Web.Tests.Runs;

public sealed class RunListAddressTests
{
    [Fact]
    public void Write_ThenRead_SameQuery()
    {
        var query = new RunQuery
        {
            Search = "a&b = \"ü\"", State = RunState.Interrupted, Team = "Eight", Model = "m", Tag = "x y", Rating = 3, Sort = RunSort.LeastAgreement, Skip = 100, Take = 50,
            From = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), Before = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero),
        };
        Assert.Equal(query, RunListAddress.Read(new Uri("http://localhost/" + RunListAddress.Write(query))));
        Assert.Equal("runs", RunListAddress.Write(new RunQuery()));
    }

    [Theory]
    [InlineData("?state=7&sort=99&stars=9&page=-3&from=yesterday&to=9999-12-31")]
    [InlineData("?state=&sort=&stars=&page=99999999999&from=&to=")]
    public void Read_Nonsense_AllRuns(string query) =>
        Assert.Equal(new RunQuery(), RunListAddress.Read(new Uri("http://localhost/runs" + query)));
}
