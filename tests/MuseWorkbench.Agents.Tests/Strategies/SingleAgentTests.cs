using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class SingleAgentTests
{
    [Fact]
    public async Task Run_OneAgent_ItsAnswerIsFinal()
    {
        await using var run = await StrategyBench.RunAsync("single", 1, _ => "3 eggs");

        Assert.Equal((FinalOutcome.Single, "3 eggs"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(run.End.TotalTokens, run.End.CriticalPathTokens);
    }

    [Fact]
    public async Task Run_TwoAgents_Refused()
    {
        var rejected = await Assert.ThrowsAsync<RunRejectedException>(() => StrategyBench.RunAsync("single", 2, _ => "3"));

        Assert.Equal("Single agent takes one agent; the team has 2.", rejected.Message);
    }
}
