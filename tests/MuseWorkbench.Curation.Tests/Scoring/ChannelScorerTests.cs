using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring;
using MuseWorkbench.Curation.Scoring.Scorers;

namespace MuseWorkbench.Curation.Tests.Scoring;

public class ChannelScorerTests
{
    private static Region Box(double x0, double y0, double x1, double y1, string label = "egg", int image = 0) => new(label, x0, y0, x1, y1, image);

    private static async Task<AssertionResult> ScoreAsync(string assertion, ScoredRun run) =>
        await Assert.Single(AssertionText.Read($"- {assertion}")).ScoreAsync(run, new ScoringServices(), TestContext.Current.CancellationToken);

    [Fact]
    public void Iou_HalfShifted_OneThird() => Assert.Equal(1 / 3.0, Box(0, 0, 0.4, 0.4).Iou(Box(0.2, 0, 0.6, 0.4)), 1e-12);

    // Greedy by best pair would take 0.8/0.9 first and lose the other.
    [Fact]
    public void Matching_GreedyIsWorse_FindsTheBest()
    {
        Assert.Equal(new[] { 1, 0 }, Matching.Best(new[,] { { 0.9, 0.8 }, { 0.8, 0.1 } }));
        Assert.Equal(new[] { -1, 0, -1 }, Matching.Best(new[,] { { 0.1 }, { 0.7 }, { 0 } }));
    }

    [Fact]
    public void Matching_RandomGains_AsGoodAsTryingAllOrders()
    {
        var random = new Curation.Statistics.RandomStream(5);
        for (var round = 0; round < 200; round++)
        {
            var (rows, columns) = (1 + random.Below(5), 1 + random.Below(5));
            var gains = new double[rows, columns];
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                    gains[i, j] = random.Below(100) / 100.0;
            }
            var pairs = Matching.Best(gains);
            Assert.Equal(pairs.Count(j => j >= 0), pairs.Where(j => j >= 0).Distinct().Count());
            Assert.Equal(Brute(gains, 0, 0), pairs.Select((j, i) => j < 0 ? 0 : gains[i, j]).Sum(), 1e-9);
        }

        static double Brute(double[,] gains, int row, int used) => row == gains.GetLength(0) ? 0 : Math.Max(
            Brute(gains, row + 1, used),
            Enumerable.Range(0, gains.GetLength(1)).Where(j => (used >> j & 1) == 0).Select(j => gains[row, j] + Brute(gains, row + 1, used | 1 << j)).DefaultIfEmpty(0).Max());
    }

    [Fact]
    public void Regions_OneMissingOneTooMuch_BothCost()
    {
        var expected = new[] { Box(0, 0, 0.2, 0.2), Box(0.5, 0.5, 0.7, 0.7) };
        var named = new[] { Box(0, 0, 0.2, 0.2), Box(0.8, 0.8, 0.9, 0.9), Box(0.3, 0, 0.4, 0.1) };
        Assert.Equal(1 / 3.0, new RegionScorer { Value = [.. expected] }.Score([.. named]).Value!.Value, 1e-12);
        Assert.Equal(2 / 5.0, new RegionScorer { Value = [.. expected], Rule = RegionRule.AccAtIou }.Score([.. named]).Value!.Value, 1e-12);
        Assert.Equal(0, new RegionScorer { Value = [.. expected] }.Score([]).Value);
        Assert.Equal(1, new RegionScorer { Value = [] }.Score([]).Value);
        Assert.Equal(0, new RegionScorer { Value = [] }.Score([.. named]).Value);
    }

    [Fact]
    public void Regions_LabelAndImage_MustAgreeWhereAsked()
    {
        var scorer = new RegionScorer { Value = [Box(0, 0, 1, 1, "egg")] };
        Assert.Equal(1, scorer.Score([Box(0, 0, 1, 1, "plate")]).Value);
        Assert.Equal(0, (scorer with { Labels = true }).Score([Box(0, 0, 1, 1, "plate")]).Value);
        Assert.Equal(1, (scorer with { Labels = true }).Score([Box(0, 0, 1, 1, "Egg ")]).Value);
        Assert.Equal(0, scorer.Score([Box(0, 0, 1, 1, "egg", image: 1)]).Value);
    }

    [Theory]
    [InlineData(0.2, 0.2, 1)]
    [InlineData(0.4, 0.4, 1)]
    [InlineData(0.41, 0.2, 0)]
    public void PointInBox_Point_EdgesIncluded(double x, double y, double expected) =>
        Assert.Equal(expected, new RegionScorer { Value = [Box(0, 0, 0.4, 0.4)], Rule = RegionRule.PointInBox }.Score([Box(x, y, x, y)]).Value);

    [Fact]
    public async Task Regions_OfRun_AuthorsOrTheAgents()
    {
        var run = new RunBuilder(2).Start(0).Start(1).See(0, Box(0, 0, 0.5, 0.5)).See(1, Box(0.5, 0.5, 1, 1)).Finish(0, "a").Finish(1, "b").End("b", by: [1]).Build();
        const string Expected = "value: [{label: egg, x0: 0.5, y0: 0.5, x1: 1, y1: 1}]";
        Assert.Equal(ScoreOutcome.Passed, (await ScoreAsync($"{{type: iou, {Expected}}}", run)).Outcome);
        Assert.Equal(ScoreOutcome.Failed, (await ScoreAsync($"{{type: iou, {Expected}, agent: 0}}", run)).Outcome);
    }

    [Theory]
    [InlineData("{type: count-error, value: 3}", "There are three.", 1.0)]
    [InlineData("{type: count-error, value: 3}", "4", 2 / 3.0)]
    [InlineData("{type: count-error, value: 0}", "2", 0.0)]
    [InlineData("{type: count-error, value: 2, label: tomato}", "3 eggs, 2 tomatoes", 1.0)]
    [InlineData("{type: count-error, value: 3, label: egg}", "3 fresh red eggs and 2 tomatoes", 1.0)]
    public async Task CountError_Text_BySizeOfError(string assertion, string answer, double expected) =>
        Assert.Equal(expected, (await ScoreAsync(assertion, RunBuilder.Answering(answer))).Score!.Value, 1e-12);

    [Theory]
    [InlineData("{type: count-error, value: 3}", "3 eggs, 2 tomatoes")]
    [InlineData("{type: count-error, value: 3}", "many")]
    [InlineData("{type: count-error, value: 3, label: egg}", "3 tomatoes, some eggs")]
    [InlineData("{type: count-error, value: 3}", "2.5")]
    public async Task CountError_NoSingleCount_Unreadable(string assertion, string answer) => Assert.True((await ScoreAsync(assertion, RunBuilder.Answering(answer))).IsUnreadable);

    [Fact]
    public async Task CountError_WithinThreshold_Passes()
    {
        Assert.Equal(ScoreOutcome.Passed, (await ScoreAsync("{type: count-error, value: 3, threshold: 1}", RunBuilder.Answering("4"))).Outcome);
        Assert.Equal(ScoreOutcome.Failed, (await ScoreAsync("{type: count-error, value: 3, threshold: 1}", RunBuilder.Answering("5"))).Outcome);
    }

    [Fact]
    public async Task CountError_Regions_OfTheLabel()
    {
        var run = new RunBuilder().Start(0).See(0, Box(0, 0, 0.5, 0.5)).See(0, Box(0, 0, 0.5, 0.5, "plate")).Finish(0, "a").End("a").Build();
        Assert.Equal(1, (await ScoreAsync("{type: count-error, value: 1, label: egg, channel: regions}", run)).Score);
        Assert.Equal(0.5, (await ScoreAsync("{type: count-error, value: 4, channel: regions}", run)).Score);
    }

    [Theory]
    [InlineData("{type: tool-called, value: calculator}", ScoreOutcome.Passed)]
    [InlineData("{type: tool-called, value: zoom}", ScoreOutcome.Failed)]
    [InlineData("{type: not-tool-called, value: zoom}", ScoreOutcome.Passed)]
    [InlineData("{type: tool-called, value: calculator, arguments: {expression: 1+2}}", ScoreOutcome.Passed)]
    [InlineData("{type: tool-called, value: calculator, arguments: {digits: 3}}", ScoreOutcome.Passed)]
    [InlineData("{type: tool-called, value: calculator, arguments: {expression: 2+2}}", ScoreOutcome.Failed)]
    [InlineData("{type: tool-called, value: calculator, agent: 1}", ScoreOutcome.Failed)]
    public async Task ToolCalled_Calls_NameAndArguments(string assertion, ScoreOutcome expected)
    {
        var run = new RunBuilder(2).Start(0).Start(1).Call(0, "calculator", "not json", "?").Call(0, "calculator", "{\"digits\":3.0,\"expression\":\"1+2\"}", "3").Finish(0, "3").Finish(1, "3").End("3").Build();
        Assert.Equal(expected, (await ScoreAsync(assertion, run)).Outcome);
    }

    [Theory]
    [InlineData("{type: latency, threshold: 1300}", ScoreOutcome.Passed)]
    [InlineData("{type: latency, threshold: 1200}", ScoreOutcome.Failed)]
    [InlineData("{type: tokens, threshold: 500}", ScoreOutcome.Failed)]
    [InlineData("{type: tokens, threshold: 500, count: criticalPath}", ScoreOutcome.Passed)]
    public async Task Budgets_Run_AsMeasured(string assertion, ScoreOutcome expected) => Assert.Equal(expected, (await ScoreAsync(assertion, RunBuilder.Answering("3"))).Outcome);
}
