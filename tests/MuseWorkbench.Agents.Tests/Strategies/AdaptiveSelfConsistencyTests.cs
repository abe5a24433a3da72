using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class AdaptiveSelfConsistencyTests
{
    private const string Strategy = AdaptiveSelfConsistency.StrategyName;

    // By reference: the smallest v1 for v2 = 0 to 5 at which Aggarwal et al.'s criterion holds at 0.95.
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 6)]
    [InlineData(2, 8)]
    [InlineData(3, 9)]
    [InlineData(4, 11)]
    [InlineData(5, 12)]
    public void Probability_Criterion_FirstReachedWherePublished(int second, int first)
    {
        Assert.True(VoteStopRule.BetaRule.Probability(first, second) >= 0.95);
        Assert.True(VoteStopRule.BetaRule.Probability(first - 1, second) < 0.95);
    }

    [Fact]
    public void Probability_MatchesTheIntegral()
    {
        // P(p > ½) under Beta(5, 3), by Simpson's rule.
        double Density(double p) => Math.Pow(p, 4) * Math.Pow(1 - p, 2);
        double Integral(double from, double to)
        {
            const int Steps = 2000;
            var h = (to - from) / Steps;
            return h / 3 * Enumerable.Range(0, Steps + 1).Sum(i => Density(from + (i * h)) * (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2));
        }

        Assert.Equal(Integral(0.5, 1) / Integral(0, 1), VoteStopRule.BetaRule.Probability(4, 2), 1e-9);
    }

    [Fact]
    public async Task Beta_AllAgree_StartsFourOfEight()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 8, _ => "3 eggs");

        Assert.Equal((FinalOutcome.Unanimous, "3 eggs"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(4, run.Started.Count());
        // Two tokens each, four agents never started.
        Assert.Equal(new EarlyStop(EarlyStopReason.Decided, 0, 4, 8), run.Final.EarlyStop);
    }

    [Fact]
    public async Task Beta_Disagreement_StartsMoreAndCountsTheirPath()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 8, index => index == 0 ? "four" : "3 eggs");

        // Six to one; the wave that follows depends on the one before.
        Assert.Equal(7, run.Started.Count());
        Assert.Equal("3 eggs", run.Final.Answer);
        Assert.True(run.End.CriticalPathTokens >= 4, $"{run.End.CriticalPathTokens}");
    }

    [Fact]
    public async Task Decided_LeaderCannotBeOvertaken_SameAsFullVote()
    {
        string[] votes = ["a", "b", "a", "a", "c", "a", "a", "b"];
        await using var full = await StrategyBench.RunAsync("self-consistency", 8, index => votes[index]);
        await using var run = await StrategyBench.RunAsync(Strategy, 8, index => votes[index], new() { StopRule = StopRule.Decided });

        Assert.Equal(full.Final.Answer, run.Final.Answer);
        Assert.InRange(run.Started.Count(), 5, 8);
    }

    [Fact]
    public async Task Decided_AllAtOnce_StopsRunningAgentsAndSaysWhatThatSaves()
    {
        await using var run = await StrategyBench.RunAsync(
            Strategy, 8, (index, call) => index < 5 ? ScriptedChatClient.Tokens(new string('3', 40)) : StrategyBench.Rambling(call),
            new() { StopRule = StopRule.Decided, Window = 8 });

        Assert.Equal(8, run.Started.Count());
        Assert.Equal(3, run.StoppedEarly.Count());
        // Ten tokens are an agent's mean length; each said at most three.
        Assert.All(run.StoppedEarly, e => Assert.True(e is { Reason: EarlyStopReason.Decided, EstimatedTokensSaved: >= 7 and <= 10 }, $"{e}"));
        Assert.Equal(run.StoppedEarly.Sum(e => e.EstimatedTokensSaved), run.Final.EarlyStop!.EstimatedTokensSaved);
        Assert.Equal(3, run.Final.EarlyStop.Stopped);
        foreach (var early in run.StoppedEarly)
            Assert.Equal(AgentOutcome.Stopped, run.Events.OfType<AgentFinished>().Single(f => f.Agent == early.Agent && f.Seq > early.Seq).Outcome);
    }

    [Fact]
    public async Task Window_FirstDisagreesSecondAgrees_StopsAfterTwo()
    {
        string[] votes = ["a", "b", "c", "c", "d", "d"];
        await using var run = await StrategyBench.RunAsync(Strategy, 6, index => votes[index], new() { StopRule = StopRule.Window, Window = 2 });

        Assert.Equal(4, run.Started.Count());
        Assert.Equal(("c", 2), (run.Final.Answer, run.Final.EarlyStop!.NotStarted));
    }

    [Fact]
    public async Task Run_EveryAgentFails_NoAnswerAndNothingSaved()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 4, (_, _) => throw new InvalidOperationException("gone"));

        Assert.Equal((FinalOutcome.NoAnswer, null), (run.Final.Outcome, run.Final.EarlyStop));
        Assert.Equal(4, run.Started.Count());
    }
}
