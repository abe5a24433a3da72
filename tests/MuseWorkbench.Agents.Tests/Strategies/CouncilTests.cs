using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class CouncilTests
{
    [Fact]
    public async Task Run_Rankings_AreMappedBackFromEachRankersOrder()
    {
        // Every ranker prefers "best", wherever it was shown to it.
        await using var run = await RunAsync(prompt => $"RANKING: {string.Join(" > ", Shown(prompt).OrderBy(s => s.Text == "best" ? 0 : 1).ThenBy(s => s.Text, StringComparer.Ordinal).Select(s => s.Letter))}", "nothing readable\nREASON: none");

        Assert.Contains("Mean place by 3 anonymous rankings (1 is best): answer 1: 1.0, answer 2: 2.0, answer 3: 3.0.", run.Prompt(6), StringComparison.Ordinal);
        // The chair gave no answer: the best mean rank wins.
        Assert.Equal((FinalOutcome.Judged, "best", VerdictRelation.None), (run.Final.Outcome, run.Final.Answer, run.Final.Verdict!.Relation));
    }

    [Fact]
    public async Task Run_Chair_Concludes()
    {
        await using var run = await RunAsync(_ => "RANKING: A > B > C", "VERDICT: override\nREASON: seen\nANSWER: best");

        Assert.Equal((FinalOutcome.Synthesised, "best"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal([(1, AgentRole.Member), (2, AgentRole.Ranker), (3, AgentRole.Chair)], run.Stages.Distinct());
    }

    [Theory]
    [InlineData("best", null)]
    [InlineData("other", "other")]
    public async Task Run_ChairWithoutAVerdict_RankingStandsAndWhatItWroteIsUnheededOnlyIfItDiffers(string wrote, string? unheeded)
    {
        string Rank(string prompt) => $"RANKING: {string.Join(" > ", Shown(prompt).OrderBy(s => s.Text == "best" ? 0 : 1).Select(s => s.Letter))}";
        await using var run = await StrategyBench.RunAsync("council", 3, (index, call) => ScriptedChatClient.Tokens(
            index switch { 0 => "best", < 3 => "3", < 6 => Rank(call.LastText), _ => $"ANSWER: {wrote}" }));

        Assert.Equal((FinalOutcome.Judged, "best"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal((VerdictRelation.None, unheeded), (run.Final.Verdict!.Relation, run.Final.Verdict.Unheeded));
    }

    [Theory]
    [InlineData("A is best")]
    [InlineData("RANKING: A > B")]
    [InlineData("RANKING: A > A > B")]
    [InlineData("RANKING: A > B > D")]
    public async Task Run_RankingUnreadable_IsNotCounted(string said)
    {
        await using var run = await RunAsync(_ => said, "REASON: none");

        Assert.Contains("No ranking could be read.", run.Prompt(6), StringComparison.Ordinal);
        Assert.Equal(FinalOutcome.Tie, run.Final.Outcome);
    }

    [Fact]
    public async Task Run_Rankers_AreNotToldWhoWroteWhat()
    {
        await using var run = await RunAsync(_ => "RANKING: A > B > C", "ANSWER: best");

        Assert.DoesNotContain("Agent ", run.Prompt(3), StringComparison.Ordinal);
        Assert.True(Enumerable.Range(3, 3).Select(i => string.Concat(Shown(run.Prompt(i)).Select(s => s.Text))).Distinct().Count() > 1);
    }

    private static IEnumerable<(string Letter, string Text)> Shown(string prompt)
    {
        var lines = prompt.Split('\n');
        for (var i = 0; i + 1 < lines.Length; i++)
        {
            if (lines[i].StartsWith("<<<ANSWER ", StringComparison.Ordinal))
                yield return (lines[i]["<<<ANSWER ".Length..], lines[i + 1]["Answer: ".Length..]);
        }
    }

    private static Task<StrategyBench> RunAsync(Func<string, string> ranking, string chair) => StrategyBench.RunAsync("council", 3, (index, call) =>
        ScriptedChatClient.Tokens(index switch { 0 => "middling", 1 => "best", 2 => "worst", < 6 => ranking(call.LastText), _ => chair }));
}
