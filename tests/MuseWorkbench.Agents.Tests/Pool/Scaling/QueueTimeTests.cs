using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Agents.Tests.Pool.Scaling;

public class QueueTimeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 0)]
    // Eight places of 100 tokens at 10 ms come free within a second: one each 125 ms.
    [InlineData(9, 125)]
    [InlineData(16, 1000)]
    public void Of_AgentsBeyondTheRows_WaitForTheirShareOfAnAnswer(int agents, double expectedMs)
    {
        var occupants = Enumerable.Range(0, agents).Select(i => new Occupant(Guid.Empty, i, "", default, default));
        var member = new MemberView("a", "here", true, new(MemberPhase.Ready) { Rows = 8 }, null, false, BreakerState.Closed, null, 0, 0, null, [.. occupants], new StepTime(10, 0), null);

        Assert.Equal(expectedMs, QueueTime.Of(member, 100).TotalMilliseconds);
        Assert.Equal(TimeSpan.Zero, QueueTime.Of(member, 100, places: 16));
        Assert.Equal(agents, member.Agents);
    }
}
