using Bunit;
using MuseWorkbench.Agents.Pool.Scaling;
using MuseWorkbench.Web.Features.Pool.Elastic;

namespace MuseWorkbench.Web.Tests.Pool.Elastic;

public sealed class GroupCardTests
{
    [Theory]
    [InlineData(0, 0, 0, "none running", "off off off")]
    [InlineData(1, 1, 0, "1 running · 1 starting", "on coming off")]
    [InlineData(1, 1, 1, "1 running · 1 starting · 1 stopping", "on going coming")]
    public void Card_Counts_AreSaidAndDrawn(int running, int starting, int stopping, string expected, string slots)
    {
        using var page = new BunitContext();

        var card = page.Render<GroupCard>(p => p.Add(c => c.Group, View(running, starting, stopping)));

        Assert.Equal(expected, card.Find(".chip").TextContent);
        Assert.Equal(slots, string.Join(' ', card.FindAll(".slots i").Select(slot => slot.ClassName)));
        Assert.Equal("0–3 nodes", card.Find(".limits").TextContent);
    }

    [Fact]
    public void Card_Decisions_LatestFirstWithTheirReasonAndFaultsMarked()
    {
        using var page = new BunitContext();
        var group = View(0, 0, 0) with
        {
            Waiting = 2,
            Notes = [new(DateTimeOffset.UnixEpoch.AddSeconds(5), "a was not started. There is no engine.", true), new(DateTimeOffset.UnixEpoch, "Starting a. 2 agents wait and no node runs.")],
        };

        var card = page.Render<GroupCard>(p => p.Add(c => c.Group, group));

        Assert.Equal("2 agents wait", card.Find(".chip.warn").TextContent);
        Assert.Equal(["a was not started. There is no engine.", "Starting a. 2 agents wait and no node runs."], card.FindAll(".notes span").Select(note => note.TextContent));
        Assert.Single(card.FindAll(".notes .bad"));
    }

    private static GroupView View(int running, int starting, int stopping) =>
        new("a", "muse-mini", true, new NodeLimits { Min = 0, Max = 3 }, running, starting, stopping, 0, []);
}
