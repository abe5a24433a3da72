using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Tests.Cases;

public class CasePromotionTests
{
    private static readonly Guid s_run = Guid.Parse("0198d3a2-0000-7000-8000-000000000001");
    private static readonly ImageRef s_image = new(new string('a', 64), "image/png", 10, 10, "a.png");

    [Fact]
    public void FromRun_Majority_ExpectsTheFinalAnswer()
    {
        var promoted = CasePromotion.FromRun(Events(Final(FinalOutcome.Majority, "3")))!;

        Assert.Equal(("run-0198d3a2000070008000000000000001", "How many?", "3"), (promoted.Id, promoted.Prompt, promoted.Expected));
        Assert.Equal([s_image], promoted.Images);
        Assert.Equal(new CaseProvenance { RunId = s_run }, promoted.Provenance);
        Assert.Empty(CaseRules.Check(promoted));
    }

    [Theory]
    [InlineData(FinalOutcome.Tie)]
    [InlineData(FinalOutcome.NoAnswer)]
    public void FromRun_NoDecision_LeavesTheAnswerOpen(FinalOutcome outcome) =>
        Assert.Null(CasePromotion.FromRun(Events(Final(outcome, "3 | 4")))!.Expected);

    [Fact]
    public void FromAgent_Answered_TakesItsAnswerAndPlacesSinceItLastBegan()
    {
        var stale = Found(1, 1, TextChannel.Answer, "stale");
        var promoted = CasePromotion.FromAgent(
            Events(Begin(1), stale, Begin(1), Found(1, 2, TextChannel.Answer, "second"), Found(1, 1, TextChannel.Answer, "first"), Found(1, 3, TextChannel.Reasoning, "thought"), Found(0, 1, TextChannel.Answer, "other"), Answered(1, "4")), 1)!;

        Assert.Equal(("run-0198d3a2000070008000000000000001-agent-2", "4"), (promoted.Id, promoted.Expected));
        Assert.Equal(["first", "second"], promoted.Regions.Select(region => region.Label));
        Assert.Equal(1, promoted.Provenance!.Agent);
    }

    [Fact]
    public void FromAgent_NotFinished_IsNull() => Assert.Null(CasePromotion.FromAgent(Events(Begin(0)), 0));

    [Fact]
    public void FromRun_NoBeginning_IsNull() => Assert.Null(CasePromotion.FromRun([Final(FinalOutcome.Single, "3")]));

    [Theory]
    [InlineData(1, "food,kcal")]
    [InlineData(2, null)]
    public void FromRun_Tables_TakesTheOnlyOne(int tables, string? expected)
    {
        var events = Events();
        var started = (RunStarted)events[0];
        events[0] = started with { Request = started.Request with { Tables = [.. Enumerable.Repeat(new TableFile("a.csv", "food,kcal"), tables)] } };

        Assert.Equal(expected, CasePromotion.FromRun(events)!.Table);
    }

    private static RunEvent[] Events(params RunEvent[] then)
    {
        var request = new RunRequest { Prompt = "How many?", Images = [s_image], Team = new TeamSpec { Name = "T", Agents = [new AgentSpec { Name = "A" }, new AgentSpec { Name = "B" }] } };
        return [.. new RunEvent[] { new RunStarted { Request = request } }.Concat(then).Select((e, i) => e with { RunId = s_run, Seq = i + 1 })];
    }

    private static FinalAnswer Final(FinalOutcome outcome, string answer) => new() { Outcome = outcome, Answer = answer, Options = [], Agreement = 1 };

    private static AgentStarted Begin(int agent) => new() { Agent = agent, Name = "A", Model = "m", Seed = 1 };

    private static RegionFound Found(int agent, int ordinal, TextChannel channel, string label) =>
        new() { Agent = agent, Ordinal = ordinal, Channel = channel, Region = new(label, 0, 0, 0.5, 0.5), TextStart = 0, TextLength = 1 };

    private static AgentFinished Answered(int agent, string answer) => new()
    {
        Agent = agent, Outcome = AgentOutcome.Answered, Answer = answer, NormalisedAnswer = answer, Usage = new(1, 0, 1), Timings = new(0, 0, 0, 0, 0),
    };
}
