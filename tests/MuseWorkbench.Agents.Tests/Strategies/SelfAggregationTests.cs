using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class SelfAggregationTests
{
    private const string Strategy = "recursive-self-aggregation";

    [Fact]
    public async Task Run_Subsets_HaveTheSizeAskedForAndDiffer()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 6, index => $"answer number {index}", new() { Rounds = 1, SubsetSize = 3 });

        var read = Enumerable.Range(6, 6).Select(agent => string.Join(',', Enumerable.Range(0, 6).Where(i => run.Prompt(agent).Contains($"number {i}", StringComparison.Ordinal)))).ToArray();
        Assert.All(read, subset => Assert.Equal(3, subset.Split(',').Length));
        Assert.True(read.Distinct().Count() > 1);
    }

    [Fact]
    public async Task Run_TwoSteps_LastPopulationVotes()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 3, index => index < 6 ? "3" : "4");

        Assert.Equal((FinalOutcome.Unanimous, "4"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal([1, 2, 3], run.Started.Select(e => e.Stage).Distinct());
    }

    [Fact]
    public async Task Run_CriticalPath_FollowsWhatWasRead()
    {
        // Both subsets hold the long answer of two tokens, then one token more.
        await using var run = await StrategyBench.RunAsync(Strategy, 2, index => index == 0 ? "12345678" : "1", new() { Rounds = 1, SubsetSize = 2 });

        Assert.Equal(3, run.End.CriticalPathTokens);
    }
}
