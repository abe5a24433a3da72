using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Curation.Tests.Scoring;

public class AssertionTests
{
    private static async Task<AssertionResult> ScoreAsync(string assertion, ScoredRun run) =>
        await Assert.Single(AssertionText.Read($"- {assertion}")).ScoreAsync(run, new ScoringServices(), TestContext.Current.CancellationToken);

    private static Task<CaseScore> CaseAsync(string assertions, ScoredRun run, double? threshold = null) =>
        CaseScore.OfAsync(run, AssertionText.Read(assertions), new ScoringServices(), threshold, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("{type: contains, value: lid, channel: reasoning, agent: 1}", ScoreOutcome.Passed)]
    [InlineData("{type: contains, value: lid, channel: reasoning, agent: 0}", ScoreOutcome.Failed)]
    [InlineData("{type: equals, value: 4, channel: answer, agent: 0}", ScoreOutcome.Passed)]
    [InlineData("{type: equals, value: 3}", ScoreOutcome.Passed)]
    [InlineData("{type: not-contains, value: cat}", ScoreOutcome.Passed)]
    [InlineData("{type: not-contains, value: '3'}", ScoreOutcome.Failed)]
    public async Task Score_Channel_LooksThereOnly(string assertion, ScoreOutcome expected)
    {
        var run = new RunBuilder(2).Start(0).Start(1).Think(1, "under the lid").Finish(0, "4").Finish(1, "3").End("3", by: [1]).Build();
        Assert.Equal(expected, (await ScoreAsync(assertion, run)).Outcome);
    }

    [Theory]
    [InlineData(RunOutcome.Failed, "The run failed: the engine is gone")]
    [InlineData(RunOutcome.Interrupted, "The run was interrupted.")]
    [InlineData(RunOutcome.Stopped, "The run was stopped.")]
    public async Task Score_BrokenRun_ErrorNotFailure(RunOutcome outcome, string reason)
    {
        var run = new RunBuilder().Start(0).Finish(0, "").End("", outcome, FinalOutcome.NoAnswer, error: "the engine is gone").Build();
        foreach (var assertion in new[] { "{type: equals, value: 3}", "{type: not-equals, value: 3}", "{type: latency, threshold: 1}" })
        {
            var result = await ScoreAsync(assertion, run);
            Assert.Equal((ScoreOutcome.Error, null, reason), (result.Outcome, result.Score, result.Reason));
        }
    }

    [Fact]
    public async Task Score_UnfinishedRun_Error() => Assert.Equal(ScoreOutcome.Error, (await ScoreAsync("{type: equals, value: 3}", new RunBuilder().Start(0).Build())).Outcome);

    [Fact]
    public async Task Score_NoAnswer_Failure()
    {
        var run = new RunBuilder().Start(0).Finish(0, "", AgentOutcome.LengthLimit).End("", final: FinalOutcome.NoAnswer).Build();
        Assert.Equal(ScoreOutcome.Failed, (await ScoreAsync("{type: equals, value: 3}", run)).Outcome);
    }

    [Theory]
    [InlineData(0, "Agent 0 failed: out of memory")]
    [InlineData(7, "The run has no agent 7.")]
    public async Task Score_AgentNotThere_Error(int agent, string reason)
    {
        var run = new RunBuilder(2).Start(0).Start(1).Finish(0, "", AgentOutcome.Failed, "out of memory").Finish(1, "3").End("3", by: [1]).Build();
        var result = await ScoreAsync($"{{type: equals, value: 3, channel: answer, agent: {agent}}}", run);
        Assert.Equal((ScoreOutcome.Error, reason), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Score_UnreadableUnderNot_StillFails()
    {
        var result = await ScoreAsync("{type: not-numeric, value: 3}", RunBuilder.Answering("no idea"));
        Assert.Equal((ScoreOutcome.Failed, true, (double?)0), (result.Outcome, result.IsUnreadable, result.Score));
    }

    [Fact]
    public async Task Score_Threshold_DecidesPassing()
    {
        var run = RunBuilder.Answering("kitten");
        Assert.Equal(ScoreOutcome.Passed, (await ScoreAsync("{type: anls, value: sitting}", run)).Outcome);
        Assert.Equal(ScoreOutcome.Failed, (await ScoreAsync("{type: anls, value: sitting, threshold: 0.6}", run)).Outcome);
        Assert.Equal(1 - 4 / 7.0, (await ScoreAsync("{type: not-anls, value: sitting, threshold: 0.6}", run)).Score!.Value, 1e-12);
    }

    [Fact]
    public async Task Case_Weights_WeightedMean()
    {
        const string Two = "[{type: contains, value: egg, weight: 3}, {type: contains, value: cat}]";
        var all = await CaseAsync(Two, RunBuilder.Answering("egg"));
        Assert.Equal((ScoreOutcome.Failed, (double?)0.75), (all.Outcome, all.Score));
        Assert.Equal(ScoreOutcome.Passed, (await CaseAsync(Two, RunBuilder.Answering("egg"), threshold: 0.75)).Outcome);
    }

    [Fact]
    public async Task Case_WeightZero_ShownNotCounted()
    {
        var score = await CaseAsync("[{type: contains, value: egg}, {type: contains, value: cat, weight: 0}]", RunBuilder.Answering("egg"));
        Assert.Equal((ScoreOutcome.Passed, (double?)1, ScoreOutcome.Failed), (score.Outcome, score.Score, score.Results[1].Outcome));
    }

    [Fact]
    public async Task Case_OneError_CaseIsError()
    {
        var score = await CaseAsync("[{type: contains, value: egg}, {type: llm-rubric, value: Is it right?}]", RunBuilder.Answering("cat"));
        Assert.Equal((ScoreOutcome.Error, null), (score.Outcome, score.Score));
        Assert.Equal(ScoreOutcome.Failed, score.Results[0].Outcome);
    }

    [Fact]
    public async Task Case_NothingThatWeighs_Refused() => await Assert.ThrowsAsync<ArgumentException>(() => CaseAsync("[]", RunBuilder.Answering("egg")));
}
