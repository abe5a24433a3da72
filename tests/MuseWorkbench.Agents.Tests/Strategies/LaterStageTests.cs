using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MuseWorkbench.Agents.Tests.Strategies;

/// <summary>What every strategy promises: it does what it planned, in stages, and its critical path is the chain of stages.</summary>
public class LaterStageTests
{
    private static readonly StrategyCatalogue s_strategies =
        new ServiceCollection().AddMuseAgents().BuildServiceProvider().GetRequiredService<StrategyCatalogue>();

    public static TheoryData<string> Names => [.. s_strategies.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Plan_IsWhatARunStartsAtMost(string name)
    {
        var strategy = s_strategies.Find(name)!;
        var agents = Math.Clamp(4, strategy.Info.MinAgents, strategy.Info.MaxAgents);
        var team = RunBench.Request(agents).Team with { Strategy = name };
        // Every agent another answer: nothing is ever decided early.
        await using var run = await StrategyBench.RunAsync(name, agents, index => $"RANKING: D > B > A > C\nANSWER: {index}");

        Assert.Equal(
            strategy.Plan(team).SelectMany(stage => stage.Budgets.Select(_ => (stage.Stage, stage.Role))),
            run.Stages);
        Assert.Equal(RunOutcome.Completed, run.End.Outcome);
        Assert.NotEqual(FinalOutcome.NoAnswer, run.Final.Outcome);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_EveryAgentSaysOneToken_CriticalPathIsTheNumberOfStages(string name)
    {
        var strategy = s_strategies.Find(name)!;
        var agents = Math.Clamp(4, strategy.Info.MinAgents, strategy.Info.MaxAgents);
        await using var run = await StrategyBench.RunAsync(name, agents, index => "3");

        Assert.Equal(run.Started.Count(), run.End.TotalTokens);
        Assert.Equal(run.Started.Max(e => e.Stage), run.End.CriticalPathTokens);
        Assert.Equal("3", run.Final.Answer);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_EveryAgentFails_RunFailsWithoutAnAnswer(string name)
    {
        var strategy = s_strategies.Find(name)!;
        var agents = Math.Clamp(4, strategy.Info.MinAgents, strategy.Info.MaxAgents);
        await using var run = await StrategyBench.RunAsync(name, agents, (_, _) => throw new InvalidOperationException("gone"));

        Assert.Equal((FinalOutcome.NoAnswer, RunOutcome.Failed), (run.Final.Outcome, run.End.Outcome));
        Assert.Equal(agents, run.Started.Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Info_Words_AreThere(string name)
    {
        var info = s_strategies.Find(name)!.Info;

        Assert.NotEmpty(info.Summary);
        Assert.NotEmpty(info.Cost);
        Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", "strategies", name + ".md")), $"docs/strategies/{name}.md is missing");
    }
}
