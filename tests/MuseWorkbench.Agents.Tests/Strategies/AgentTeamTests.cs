using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Strategies;

/// <summary>The seam other strategies are written against: spawn, stop and ask, with an honest critical path.</summary>
public class AgentTeamTests
{
    [Fact]
    public async Task Ask_AfterDrafts_CriticalPathIsTheChain()
    {
        var model = new ScriptedChatClient(call => Tokens(call.LastText.StartsWith("Judge", StringComparison.Ordinal) ? "B is it" : call.Seed == 100 ? "A" : "BBBBBBBB"));
        await using var bench = new RunBench(model, null, new DraftsThenJudge());

        var events = await bench.RunAsync(Request(2, "drafts-then-judge"));

        Assert.Equal("Judge: A or BBBBBBBB", model.Calls[^1].LastText);
        Assert.Equal(2, Assert.Single(events.OfType<AgentStarted>(), e => e.Name == "Judge").Agent);
        var end = Assert.Single(events.OfType<RunFinished>());
        Assert.Equal((1 + 2 + 2, 2 + 2), (end.TotalTokens, end.CriticalPathTokens));
    }

    [Fact]
    public async Task Strategy_EndsEarly_RemainingAgentsStopped()
    {
        await using var bench = new RunBench(
            new ScriptedChatClient(call => call.Seed == 100 ? Tokens("3") : Hanging(call.Stop)), null, new FirstWins());

        var events = await bench.RunAsync(Request(3, "first-wins"));

        Assert.Equal("3", Assert.Single(events.OfType<FinalAnswer>()).Answer);
        Assert.Equal(2, events.OfType<AgentFinished>().Count(f => f.Outcome == AgentOutcome.Stopped));
        Assert.Equal(RunOutcome.Completed, Assert.IsType<RunFinished>(events[^1]).Outcome);
    }

    [Fact]
    public async Task Strategy_Throws_RunFailsWithoutDetails()
    {
        await using var bench = new RunBench(Saying("3"), null, new Throwing());

        var end = Assert.IsType<RunFinished>((await bench.RunAsync(Request(1, "throwing")))[^1]);

        Assert.Equal(RunOutcome.Failed, end.Outcome);
        Assert.DoesNotContain("secret", end.Error);
    }

    private static RunRequest Request(int agents, string strategy)
    {
        var request = RunBench.Request(agents);
        return request with { Team = request.Team with { Strategy = strategy } };
    }

    private static async IAsyncEnumerable<Microsoft.Extensions.AI.ChatResponseUpdate> Hanging(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop);
        yield break;
    }

    private sealed class DraftsThenJudge : IStrategy
    {
        public string Name => "drafts-then-judge";

        public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
        {
            var drafts = await Task.WhenAll(team.SpawnAll().Select(a => a.Completion));
            var verdict = await team.AskAsync(
                new AgentSpec { Name = "Judge" },
                new AgentTask($"Judge: {string.Join(" or ", drafts.Select(d => d.Answer))}") { After = [.. drafts], WithImages = false });
            var tally = new VoteTally();
            tally.Add(verdict);
            return tally.Decide();
        }
    }

    private sealed class FirstWins : IStrategy
    {
        public string Name => "first-wins";

        public async Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken)
        {
            var first = await Task.WhenAny(team.SpawnAll().Select(a => a.Completion));
            var tally = new VoteTally();
            tally.Add(await first);
            return tally.Decide();
        }
    }

    private sealed class Throwing : IStrategy
    {
        public string Name => "throwing";

        public Task<FinalAnswer> RunAsync(AgentTeam team, CancellationToken cancellationToken) => throw new InvalidOperationException("secret detail");
    }
}
