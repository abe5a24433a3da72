using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Strategies;

public class SynthesisTests
{
    [Theory]
    [InlineData("VERDICT: agree\nREASON: it fits\nANSWER: 3", "3", VerdictRelation.Agrees, VerdictRelation.Agrees)]
    [InlineData("They differ.\n**VERDICT:** override\n**REASON:** it fits\n**ANSWER:** 5 eggs", "5 eggs", VerdictRelation.Overrides, VerdictRelation.Overrides)]
    [InlineData("VERDICT: override\nREASON: it fits\nANSWER: 3", "3", VerdictRelation.Agrees, VerdictRelation.Overrides)]
    public async Task Run_Verdict_FoundByComparingAnswers(string said, string answer, VerdictRelation relation, VerdictRelation claimed)
    {
        await using var run = await RunAsync(said);

        Assert.Equal((FinalOutcome.Synthesised, answer), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(new Verdict(3, relation) { Claimed = claimed, Reason = "it fits" }, run.Final.Verdict);
        Assert.Equal("3", run.Final.Options[0].Answer);
    }

    [Theory]
    [InlineData("four")]
    [InlineData("3 eggs")]
    public async Task Run_SaysItAgreesButWritesAnotherAnswer_VoteStandsAndBothAreTold(string written)
    {
        await using var run = await RunAsync($"VERDICT: agree\nREASON: it fits\nANSWER: {written}");

        Assert.Equal((FinalOutcome.Synthesised, "3"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(2 / 3.0, run.Final.Agreement, 1e-9);
        Assert.Equal(new Verdict(3, VerdictRelation.Agrees) { Claimed = VerdictRelation.Agrees, Reason = "it fits", Unheeded = written }, run.Final.Verdict);
    }

    [Fact]
    public async Task Run_SaysItAgreesAfterATie_ItsAnswerDecides()
    {
        await using var run = await StrategyBench.RunAsync("synthesis", 2, index => index switch { 0 => "3", 1 => "4", _ => "VERDICT: agree\nANSWER: 4" });

        Assert.Equal(("4", VerdictRelation.Decides, null), (run.Final.Answer, run.Final.Verdict!.Relation, run.Final.Verdict.Unheeded));
    }

    [Theory]
    [InlineData("four", null)]
    [InlineData("ANSWER: four", null)]
    [InlineData("REASON: I see a fourth\nANSWER: four", null)]
    [InlineData("VERDICT: override\nANSWER: four", VerdictRelation.Overrides)]
    public async Task Run_AnotherAnswerWithoutVerdictOrReason_VoteStandsAndBothAreTold(string said, VerdictRelation? claimed)
    {
        await using var run = await RunAsync(said);

        Assert.Equal((FinalOutcome.Majority, "3"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(2 / 3.0, run.Final.Agreement, 1e-9);
        Assert.Equal((VerdictRelation.None, claimed, "four"), (run.Final.Verdict!.Relation, run.Final.Verdict.Claimed, run.Final.Verdict.Unheeded));
    }

    [Fact]
    public async Task Run_NoFieldsButTheLeadingAnswer_AgreesWithIt()
    {
        await using var run = await RunAsync("3");

        Assert.Equal(("3", VerdictRelation.Agrees, null), (run.Final.Answer, run.Final.Verdict!.Relation, run.Final.Verdict.Claimed));
    }

    [Theory]
    [InlineData("8\"}} and so on")]
    [InlineData("REASON: it fits")]
    [InlineData("VERDICT: override")]
    public async Task Run_FormNotKept_VoteStands(string said)
    {
        await using var run = await RunAsync(said);

        Assert.Equal((FinalOutcome.Majority, "3", VerdictRelation.None), (run.Final.Outcome, run.Final.Answer, run.Final.Verdict!.Relation));
    }

    [Fact]
    public async Task Run_SynthesiserFails_VoteStandsAndSaysWhy()
    {
        await using var run = await StrategyBench.RunAsync(
            "synthesis", 3, (index, _) => index < 3 ? ScriptedChatClient.Tokens("3") : throw new InvalidOperationException("gone"));

        Assert.Equal((FinalOutcome.Unanimous, "3"), (run.Final.Outcome, run.Final.Answer));
        Assert.Equal(VerdictRelation.None, run.Final.Verdict!.Relation);
        Assert.NotNull(run.Final.Verdict.Reason);
    }

    [Fact]
    public async Task Run_Tie_SynthesiserDecides()
    {
        await using var run = await StrategyBench.RunAsync("synthesis", 2, index => index switch { 0 => "3", 1 => "4", _ => "ANSWER: 4" });

        Assert.Equal(("4", VerdictRelation.Decides), (run.Final.Answer, run.Final.Verdict!.Relation));
    }

    [Fact]
    public async Task Run_Prompt_QuestionFirstThenAnswersThenVoteThenOrder()
    {
        await using var run = await RunAsync("3");
        var prompt = run.Prompt(3);

        Assert.StartsWith("How many?\n\n3 answers given before you follow.", prompt, StringComparison.Ordinal);
        Assert.True(run.SawImage(3));
        Assert.Contains("- 2 × 3\n- 1 × four", prompt, StringComparison.Ordinal);
        Assert.EndsWith("ANSWER: the final answer alone", prompt, StringComparison.Ordinal);
    }

    private static Task<StrategyBench> RunAsync(string said) =>
        StrategyBench.RunAsync("synthesis", 3, index => index switch { 0 => "four", < 3 => "3", _ => said });
}
