using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Panels;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class FinalCardTests : WorkbenchBunit
{
    [Fact]
    public void Card_VotesComeIn_ShowsTheLeaderAndOpenVotes()
    {
        var script = new RunScript(4).Answer(2, "3").Answer(0, "3").Answer(1, "2").Vote(1, ("3", [2, 0]), ("2", [1]));

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Leading answer · 3 of 4 agents in", card.Find(".cap").TextContent);
        Assert.Equal("3", card.Find(".answer").TextContent);
        Assert.Equal(["3", "1", "2", "4"], card.FindAll(".cells i").Select(cell => cell.TextContent));
        Assert.Equal("4", Assert.Single(card.FindAll(".cells i.open")).TextContent);
        Assert.Contains("67 %", card.Find(".stats").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_Majority_SaysHowManyAgreeAndWhatItCost()
    {
        var script = new RunScript(3).Answer(0, "3").Answer(1, "3").Answer(2, "2")
            .Final(FinalOutcome.Majority, "3", 2 / 3.0, ("3", [0, 1]), ("2", [2])).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Final answer · 2 of 3 agree", card.Find(".cap").TextContent);
        var stats = card.Find(".stats").TextContent;
        Assert.Contains("67 %", stats, StringComparison.Ordinal);
        Assert.Contains("1.42 s", stats, StringComparison.Ordinal);
        Assert.Contains("81 tok", stats, StringComparison.Ordinal);
        Assert.Contains("495 tok", stats, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_Tie_IsCalledATie()
    {
        var script = new RunScript(2).Answer(0, "3").Answer(1, "2").Final(FinalOutcome.Tie, "3 | 2", 0.5, ("3", [0]), ("2", [1])).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.StartsWith("A tie", card.Find(".cap").TextContent, StringComparison.Ordinal);
        Assert.Equal("3 | 2", card.Find(".answer").TextContent);
    }

    [Fact]
    public void Card_NobodyAnswered_SaysSoInWords()
    {
        var script = new RunScript(1).EndWithout(0, AgentOutcome.LengthLimit).Final(FinalOutcome.NoAnswer, "", 0).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("No answer", card.Find(".cap").TextContent);
        Assert.Equal("No agent answered", card.Find(".answer.none").TextContent);
    }

    [Fact]
    public void Card_EveryAgentFailed_SaysSoAndWhy()
    {
        var script = new RunScript(2).Fail(0, "gone").Fail(1, "gone").Final(FinalOutcome.NoAnswer, "", 0).Finish(RunOutcome.Failed, "gone");

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Run failed", card.Find(".cap").TextContent);
        Assert.Equal("All 2 agents failed", card.Find(".answer.none").TextContent);
        Assert.Contains("gone", card.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunOutcome.Stopped, "Stopped before an answer")]
    [InlineData(RunOutcome.Interrupted, "Interrupted before an answer")]
    public void Card_EndedBeforeAnyAnswer_SaysHow(RunOutcome outcome, string caption)
    {
        var script = new RunScript(2).Think(0, "hm").EndWithout(0, AgentOutcome.Stopped).EndWithout(1, AgentOutcome.Stopped)
            .Final(FinalOutcome.NoAnswer, "", 0).Finish(outcome);

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal(caption, card.Find(".cap").TextContent);
        Assert.Equal("What agents said so far stays below", card.Find(".answer.none").TextContent);
    }

    [Fact]
    public void Card_StoppedAfterAnAnswer_IsNotCalledFinal()
    {
        var script = new RunScript(2).Answer(0, "3").EndWithout(1, AgentOutcome.Stopped)
            .Final(FinalOutcome.Single, "3", 1, ("3", [0])).Finish(RunOutcome.Stopped);

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Stopped · leading answer", card.Find(".cap").TextContent);
        Assert.Equal("3", card.Find(".answer").TextContent);
    }

    [Theory]
    [InlineData(VerdictRelation.Agrees, "Synthesiser agrees with the vote.")]
    [InlineData(VerdictRelation.Overrides, "Synthesiser overrides the vote.")]
    [InlineData(VerdictRelation.Decides, "Synthesiser decides: the vote had no leader.")]
    [InlineData(VerdictRelation.None, "Synthesiser gave no verdict that could be read; the vote stands.")]
    public void Card_Verdict_SaysHowTheAnswerCameAbout(VerdictRelation relation, string text)
    {
        var script = new RunScript(2).Answer(0, "3").Answer(1, "3").Start(2, "Synthesiser", 2, AgentRole.Synthesiser)
            .Final(FinalOutcome.Synthesised, "3", 1, f => f with { Verdict = new Verdict(2, relation) { Reason = "Two lie behind." } }, ("3", [0, 1])).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Final answer · written from 2 answers", card.Find(".cap").TextContent);
        Assert.Equal($"{text} Two lie behind.", card.Find("[data-verdict]").TextContent);
    }

    [Fact]
    public void Card_ClaimDiffersFromTheComparison_BothAreTold()
    {
        var script = new RunScript(2).Answer(0, "3").Start(2, "Judge", 2, AgentRole.Judge)
            .Final(FinalOutcome.Synthesised, "4", 0, f => f with { Verdict = new Verdict(2, VerdictRelation.Overrides) { Claimed = VerdictRelation.Agrees } }, ("3", [0])).Finish();

        Assert.Contains("(It said that it agrees.)", Render<FinalCard>(p => p.Add(x => x.Run, script.View)).Find("[data-verdict]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_LeadAgreesButWroteAnotherAnswer_BothAreTold()
    {
        var script = new RunScript(2).Answer(0, "3").Start(2, "Judge", 2, AgentRole.Judge)
            .Final(FinalOutcome.Synthesised, "3", 1, f => f with { Verdict = new Verdict(2, VerdictRelation.Agrees) { Claimed = VerdictRelation.Agrees, Unheeded = "4" } }, ("3", [0])).Finish();

        Assert.Contains("“4”, which does not count", Render<FinalCard>(p => p.Add(x => x.Run, script.View)).Find("[data-verdict]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_TieBroken_SaysWhoDecides()
    {
        var script = new RunScript(2).Answer(0, "3").Answer(1, "4").Final(FinalOutcome.CastingVote, "3", 0.5, ("3", [0]), ("4", [1])).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Final answer · a tie, the earliest agent decides", card.Find(".cap").TextContent);
        Assert.Equal("3", card.Find(".answer").TextContent);
    }

    [Fact]
    public void Card_AgentsSpared_ShowsTheEstimate()
    {
        var script = new RunScript(3).Answer(0, "3").Answer(1, "3")
            .Final(FinalOutcome.Unanimous, "3", 1, f => f with { EarlyStop = new EarlyStop(EarlyStopReason.Decided, 0, 1, 1184) }, ("3", [0, 1])).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Contains("≈ 1,184", card.Find("[data-saved]").TextContent, StringComparison.Ordinal);
        Assert.Contains("0 stopped, 1 not started", card.Find("[data-saved]").GetAttribute("data-tip"), StringComparison.Ordinal);
    }

    [Fact]
    public void Card_WeightedVote_ShowsSharesOfTheWeight()
    {
        var script = new RunScript(3).Answer(0, "4").Answer(1, "3").Answer(2, "3").Final(
            FinalOutcome.Weighted, "4", 0.6, f => f with { Options = [new VoteOption("4", "4", [0]) { Weight = 6 }, new VoteOption("3", "3", [1, 2]) { Weight = 4 }] }).Finish();

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Final answer · weighted by confidence, 60 % of the weight", card.Find(".cap").TextContent);
        Assert.Equal(["4 · 60 %", "3 · 40 %"], card.FindAll(".what").Select(what => what.TextContent));
        Assert.Equal("4", card.Find(".lead .what b").TextContent);
    }

    [Fact]
    public void Card_SecondRoundVotes_CellsAreTheTeamsAgents()
    {
        var script = new RunScript(2).Answer(0, "3").Answer(1, "4").Start(2, "Agent 1", 2, member: 0).Start(3, "Agent 2", 2, member: 1)
            .Answer(2, "4").Vote(1, ("4", [2]));

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal(["1", "2"], card.FindAll(".cells i").Select(cell => cell.TextContent));
        Assert.Equal("2", card.Find(".cells i.open").TextContent);
    }

    [Fact]
    public void Card_RunFailed_ShowsTheReason()
    {
        var script = new RunScript(1).Finish(RunOutcome.Failed, "The model can't see images.");

        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal("Run failed", card.Find(".cap").TextContent);
        Assert.Contains("The model can't see images.", card.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }
}
