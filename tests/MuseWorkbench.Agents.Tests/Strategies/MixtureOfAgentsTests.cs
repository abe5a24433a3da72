using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class MixtureOfAgentsTests
{
    [Fact]
    public async Task Run_TwoLayers_SecondReadsTheFirstAndTheLeadTheSecond()
    {
        await using var run = await StrategyBench.RunAsync("mixture-of-agents", 3, index => index switch { < 3 => $"first {index}", < 6 => $"second {index}", _ => "ANSWER: merged" });

        Assert.Equal([(1, AgentRole.Member), (2, AgentRole.Member), (3, AgentRole.Synthesiser)], run.Stages.Distinct());
        Assert.All([3, 4, 5], index => Assert.Contains("first 1", run.Prompt(index), StringComparison.Ordinal));
        Assert.Contains("second 4", run.Prompt(6), StringComparison.Ordinal);
        Assert.DoesNotContain("first 1", run.Prompt(6), StringComparison.Ordinal);
        Assert.Equal((FinalOutcome.Synthesised, "merged"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal([0, 1, 2, 0, 1, 2, null], run.Started.Select(e => e.Member));
    }

    [Fact]
    public async Task Run_OneLayer_LeadMergesAtOnce()
    {
        await using var run = await StrategyBench.RunAsync("mixture-of-agents", 3, _ => "3", new() { Rounds = 1 });

        Assert.Equal(4, run.Started.Count());
    }

    [Fact]
    public async Task Run_LayersReferences_AreSharedWordForWord()
    {
        await using var run = await StrategyBench.RunAsync("mixture-of-agents", 3, index => $"x {index}");

        Assert.Equal(run.Prompt(3), run.Prompt(4));
    }
}
