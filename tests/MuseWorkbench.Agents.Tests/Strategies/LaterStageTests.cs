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
    public async Task Run_StoppedInTheFirstStage_KeepsTheVotesAndStartsNothingMore(string name)
    {
        var strategy = s_strategies.Find(name)!;
        if (strategy.Info.MaxAgents == 1)
            return;
        // Three answer; the fourth goes on until it is stopped.
        await using var bench = new RunBench(new ScriptedChatClient(call => call.Seed == 103 ? StrategyBench.Rambling(call) : ScriptedChatClient.Tokens("3")));
        var request = RunBench.Request(4);
        var id = await bench.Runs.StartAsync(request with { Team = request.Team with { Strategy = name } }, TestContext.Current.CancellationToken);
        await bench.WaitForAsync(id, e => e is VoteChanged { Open: 1 });

        bench.Runs.Stop(id);
        var events = await bench.ReadAllAsync(id);

        var final = Assert.Single(events.OfType<FinalAnswer>());
        Assert.Equal(("3", null, null), (final.Answer, final.Verdict, final.EarlyStop));
        Assert.Equal(4, events.OfType<AgentStarted>().Count());
        Assert.Equal(RunOutcome.Stopped, Assert.IsType<RunFinished>(events[^1]).Outcome);
    }

    [Theory]
    [InlineData("debate")]
    [InlineData("mixture-of-agents")]
    [InlineData("recursive-self-aggregation")]
    [InlineData("parallel-distil-refine")]
    [InlineData("council")]
    [InlineData("best-of-n")]
    [InlineData("synthesis")]
    public async Task Run_EverythingAfterTheFirstStageFails_FirstAnswersStand(string name)
    {
        await using var run = await StrategyBench.RunAsync(
            name, 3, (index, _) => index < 3 ? ScriptedChatClient.Tokens("3") : throw new InvalidOperationException("gone"));

        Assert.Equal((FinalOutcome.Unanimous, "3"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(RunOutcome.Completed, run.End.Outcome);
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
