using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class BestOfNTests
{
    [Fact]
    public async Task Run_JudgeChoosesTheMinority_OverridesWithItsReason()
    {
        await using var run = await RunAsync(shown => $"REASON: only this fits\nBEST: {shown.IndexOf("four") + 1}");

        Assert.Equal((FinalOutcome.Judged, "four"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(new Verdict(3, VerdictRelation.Overrides) { Reason = "only this fits" }, run.Final.Verdict);
        Assert.Equal(1 / 3.0, run.Final.Agreement, 1e-9);
        Assert.Equal((2, AgentRole.Judge), run.Stages.Last());
        Assert.True(run.SawImage(3));
        // The judge writes no vote of its own.
        Assert.Equal("", run.Events.OfType<AgentFinished>().Single(f => f.Agent == 3).NormalisedAnswer);
    }

    [Theory]
    [InlineData("I like the second one.")]
    [InlineData("BEST: 9")]
    [InlineData("BEST: none")]
    public async Task Run_JudgeUnreadable_VoteStands(string said)
    {
        await using var run = await RunAsync(_ => said);

        Assert.Equal((FinalOutcome.Majority, "3"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(VerdictRelation.None, run.Final.Verdict!.Relation);
    }

    [Fact]
    public async Task Run_Order_ShuffledAndRepeatable()
    {
        await using var one = await StrategyBench.RunAsync("best-of-n", 8, index => index < 8 ? $"answer {index}" : "BEST: 1");
        await using var two = await StrategyBench.RunAsync("best-of-n", 8, index => index < 8 ? $"answer {index}" : "BEST: 1");

        Assert.Equal(one.Prompt(8), two.Prompt(8));
        Assert.NotEqual(Enumerable.Range(0, 8), Enumerable.Range(0, 8).OrderBy(i => one.Prompt(8).IndexOf($"answer {i}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_CriticalPath_IsLongestAnswerThenJudge()
    {
        await using var run = await StrategyBench.RunAsync("best-of-n", 2, index => index switch { 0 => "12345678", 1 => "1", _ => "BEST: 1!" });

        Assert.Equal((2 + 1 + 2, 2 + 2), (run.End.TotalTokens, run.End.CriticalPathTokens));
    }

    // The judge says what the script makes of the answers in the order it was shown them.
    private static Task<StrategyBench> RunAsync(Func<List<string>, string> judge) => StrategyBench.RunAsync("best-of-n", 3, (index, call) => ScriptedChatClient.Tokens(
        index < 3 ? index == 0 ? "four" : "3"
        : judge([.. call.LastText.Split('\n').Where(l => l.StartsWith("Answer: ", StringComparison.Ordinal)).Select(l => l["Answer: ".Length..])])));
}
