using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class ConfidenceVotingTests
{
    private const string Strategy = ConfidenceVoting.StrategyName;
    private static readonly StrategyOptions s_offline = new() { WarmUp = 0, KeepShare = 1, Measure = ConfidenceMeasure.Mean };

    [Fact]
    public async Task Offline_SureMinority_OutweighsTheMajority()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 3, (index, _) => Sure(index == 0 ? "4" : "3", index == 0 ? 9 : 4), s_offline);

        Assert.Equal((FinalOutcome.Weighted, "4"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(9.0 / 17, run.Final.Agreement, 1e-9);
        Assert.Equal([9, 8], run.Final.Options.Select(o => o.Weight));
    }

    [Fact]
    public async Task Offline_ShareKept_LeastSureDoNotVote()
    {
        await using var run = await StrategyBench.RunAsync(
            Strategy, 4, (index, _) => Sure(index < 2 ? "4" : "3", index < 2 ? 2 : 3), s_offline with { KeepShare = 0.5 });

        Assert.Equal("3", Assert.Single(run.Final.Options).Answer);
    }

    [Theory]
    [InlineData(ConfidenceMeasure.Mean, 4)]
    [InlineData(ConfidenceMeasure.Tail, 5)]
    [InlineData(ConfidenceMeasure.LowestGroup, 1)]
    [InlineData(ConfidenceMeasure.Bottom10, 2)]
    public async Task Offline_Measure_IsTheWeight(ConfidenceMeasure measure, double weight)
    {
        await using var run = await StrategyBench.RunAsync(
            Strategy, 2, (index, _) => Says("3", new AgentConfidence(10, 64, 4, 5, 1, 2)), s_offline with { Measure = measure });

        Assert.Equal(2 * weight, Assert.Single(run.Final.Options).Weight);
        Assert.All(run.Events.OfType<AgentFinished>(), f => Assert.NotNull(f.Confidence));
    }

    [Fact]
    public async Task Run_ServerSaysNothing_EveryVoteCountsOne()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 3, index => index == 0 ? "4" : "3", s_offline);

        Assert.Equal((FinalOutcome.Majority, "3", null), (run.Final.Outcome, run.Final.Answer, run.Final.Options[0].Weight));
    }

    [Fact]
    public async Task Run_AsksForConfidence_WithTheGroupSize()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 2, _ => "3", s_offline with { GroupTokens = 32 });

        Assert.All(run.Model.Calls, c => Assert.Equal((true, 32), (c.Options.AdditionalProperties!["confidence"], c.Options.AdditionalProperties["confidence_window"])));
    }

    [Fact]
    public async Task WarmUp_WeakLaterAgent_StoppedAndDoesNotVote()
    {
        // The warm-up's votes are split, so the vote is not decided by it.
        await using var run = await StrategyBench.RunAsync(
            Strategy, 4, (index, call) => index == 2 ? Weak(call) : Sure(index == 0 ? "4" : "3", 6),
            new() { WarmUp = 2, GroupTokens = 8, KeepShare = 0.9, Threshold = 1 });

        var early = Assert.Single(run.StoppedEarly);
        Assert.Equal((2, EarlyStopReason.LowConfidence), (early.Agent, early.Reason));
        Assert.DoesNotContain(run.Final.Options, o => o.Agents.Contains(2));
        Assert.Equal(new EarlyStop(EarlyStopReason.LowConfidence, 1, 0, early.EstimatedTokensSaved), run.Final.EarlyStop);
        Assert.Equal("3", run.Final.Answer);
    }

    [Fact]
    public async Task WarmUp_LeaderHoldsTheWeight_OthersAreNotStarted()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 8, (_, _) => Sure("3", 6), new() { WarmUp = 3 });

        Assert.Equal(3, run.Started.Count());
        Assert.Equal((EarlyStopReason.Decided, 5), (run.Final.EarlyStop!.Reason, run.Final.EarlyStop.NotStarted));
    }

    [Fact]
    public async Task WarmUp_LaterAgents_WaitForIt()
    {
        await using var run = await StrategyBench.RunAsync(Strategy, 4, (index, _) => Sure(index % 2 == 0 ? "4" : "3", 6), new() { WarmUp = 2 });

        Assert.Equal(run.End.TotalTokens / 2, run.End.CriticalPathTokens);
    }

    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(0.9, 4, 1)]
    [InlineData(0.75, 4, 2)]
    [InlineData(0.5, 4, 3)]
    [InlineData(0.1, 4, 4)]
    [InlineData(0.9, 10, 2)]
    [InlineData(0.9, 16, 2)]
    public void Line_Share_IsReachedByThatShareOfTheWarmUp(double share, int warmUp, double line) =>
        Assert.Equal(line, ConfidenceVote.Line([.. Enumerable.Range(1, warmUp).Reverse().Select(i => (double)i)], share));

    [Fact]
    public async Task WarmUp_OneVoteOnly_DoesNotDecide()
    {
        await using var run = await StrategyBench.RunAsync(
            Strategy, 4, (index, _) => index == 0 ? throw new InvalidOperationException("gone") : Sure("3", 6), new() { WarmUp = 2 });

        Assert.True(run.Started.Count() > 2);
    }

    private static IAsyncEnumerable<ChatResponseUpdate> Sure(string answer, double confidence) =>
        Says(answer, new AgentConfidence(10, 64, confidence, confidence, confidence, confidence));

    private static async IAsyncEnumerable<ChatResponseUpdate> Says(string answer, AgentConfidence confidence)
    {
        await foreach (var update in ScriptedChatClient.Tokens(answer))
        {
            if (update.FinishReason is not null)
                new ChatConfidence(null, confidence).AddTo(update);
            yield return update;
        }
    }

    // Less sure than any warm-up agent; goes on until it is stopped.
    private static async IAsyncEnumerable<ChatResponseUpdate> Weak(ScriptedCall call, [EnumeratorCancellation] CancellationToken stop = default)
    {
        for (var i = 0; ; i++)
        {
            if (i > 20)
                await Task.Delay(Timeout.Infinite, call.Stop);
            var update = ScriptedChatClient.Text("hm ");
            new ChatConfidence(1, null).AddTo(update);
            yield return update;
        }
    }
}
