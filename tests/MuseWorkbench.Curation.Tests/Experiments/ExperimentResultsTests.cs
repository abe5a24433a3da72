using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests.Experiments;

public sealed class ExperimentResultsTests
{
    [Fact]
    public void Of_ErrorsAreLeftOut_ImagesAreClusters_VerdictSaysBoth()
    {
        var experiment = Make("A", "B");
        CaseKey[] cases = [new(0, "a", "h", "image"), new(1, "b", "h", "image"), new(2, "c", "h", "other")];
        var cells = Cells(cases, [[1, 0, null], [1, 1, 1]]);

        var results = ExperimentResults.Of(experiment, cases, cells);

        Assert.Equal([(2, 1, 1), (3, 0, 3)], results.Teams.Select(t => (t.Summary.Scored, t.Summary.Errors, t.Passed)));
        Assert.Equal([0.5, 1], results.Teams.Select(t => t.Summary.Accuracy!.Value));
        Assert.Equal((5, 1, 0), (results.Done, results.Errors, results.Open));
        Assert.Equal([new Flip(1, "b", 1, true)], results.Flips);
        Assert.Equal((2, 1, 1), (results.Comparisons[0].Cases, results.Comparisons[0].Clusters, results.Comparisons[0].LeftOut));
        Assert.StartsWith("Highest: B scores 100.0 %", results.Verdicts[0], StringComparison.Ordinal);
        Assert.Contains("A: 1 error in 3 attempts", results.Verdicts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NothingYet_SaysSo()
    {
        CaseKey[] cases = [new(0, "a", "h", "a")];
        ExperimentCell[] cells = [Cell(0, 0, 0) with { State = CellState.Pending, Result = null }];

        Assert.Equal(
            ["Nothing has been scored yet.", "1 of 1 attempts have no result yet; what is said here may change."],
            ExperimentResults.Of(Make("A"), cases, cells).Verdicts);
    }

    [Fact]
    public void Flips_WithRepeats_AreOfWhatMostAttemptsCameTo()
    {
        CaseKey[] cases = [new(0, "a", "h", "a")];
        ExperimentCell[] cells = [.. new[] { 1.0, 1, 0 }.Select(s => Cell(0, 0, s)), .. new[] { 1.0, 0, 0 }.Select(s => Cell(1, 0, s))];

        Assert.Equal([new Flip(0, "a", 1, false)], ExperimentResults.Of(Make("A", "B"), cases, cells).Flips);
        Assert.Equal([new Flip(0, "a", 0, true)], ExperimentResults.Of(Make("A", "B"), cases, cells, baseline: 1).Flips);
    }

    [Fact]
    public void Trend_TeamOfOneName_AcrossExperimentsOldestFirst()
    {
        CaseKey[] cases = [new(0, "a", "h", "a")];
        var late = ExperimentResults.Of(Make("A") with { CreatedAt = DateTimeOffset.UnixEpoch.AddDays(2), Version = 2 }, cases, [Cell(0, 0, 1)]);
        var early = ExperimentResults.Of(Make("B", "A") with { CreatedAt = DateTimeOffset.UnixEpoch }, cases, [Cell(0, 0, 1), Cell(1, 0, 0)]);

        Assert.Equal([(1, 0), (2, 1)], TeamTrend.Of("A", [late, early]).Select(p => (p.Version, p.Accuracy!.Value)));
    }

    [Fact]
    public void JudgeAgreement_RunsBothHaveJudged_KappaOfPassingAndOfStars()
    {
        double[] grades = [1, 1, 0, 0, 0.75, 0.25];
        int[] stars = [5, 4, 1, 2, 4, 5];
        var cells = grades.Select(g => Cell(0, 0, g) with { RunId = Guid.NewGuid() }).ToArray();
        cells = [.. cells.Select((c, i) => c with { Result = c.Result! with { Assertions = [new("llm-rubric", null, grades[i], grades[i] >= 0.5, 1, "")] } })];
        var rated = cells.Select((c, i) => (c.RunId!.Value, stars[i])).ToDictionary(p => p.Item1, p => p.Item2);

        var agreement = JudgeAgreement.Of([.. cells, Cell(0, 0, 1) with { RunId = Guid.NewGuid() }], rated);

        // 3 + 2 agree of 6; the judge passes 3, people 4: (5/6 − 1/2) / (1 − 1/2).
        Assert.Equal((6, 2.0 / 3), (agreement.Items, agreement.Passing!.Kappa.Value), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-9);
        Assert.NotNull(agreement.Stars);
    }

    // Half of the six pairs are ties with the wrong one, who comes before two of the right ones.
    [Theory]
    [InlineData(TieBreak.Open, 0.3, 0.65)]
    [InlineData(TieBreak.FirstAgent, 0.5, 0.85)]
    public async Task Scaling_SelfConsistency_VotesAgainAmongFewerOfItsAnswers(TieBreak tieBreak, double least, double most)
    {
        await using var bench = await ExperimentBench.StartAsync();
        var dataset = await bench.PublishAsync(ExperimentBench.Case("x", "right"));
        var voting = ExperimentBench.Team("A", 4);
        voting = voting with { Spec = voting.Spec with { Options = new() { TieBreak = tieBreak } } };
        var experiment = await bench.CreateAsync(new ExperimentDraft { DatasetId = dataset, Teams = [voting, ExperimentBench.Team("Single") with { Spec = ExperimentBench.Team("Single").Spec with { Strategy = "single" } }] });
        bench.Runs.Answer = _ => "right";
        // Three of four agents are right: alone one is so three times in four.
        bench.Runs.Agents = request => request.Team.Agents.Length == 4 ? ["right", "wrong", "right", "right"] : [];
        var runner = bench.Begin();
        runner.Start();
        await bench.UntilOverAsync(runner, experiment.Id);

        var points = await new ExperimentScaling(bench.Store, bench.Runs).OfAsync(experiment.Id, null, ExperimentBench.Test);

        Assert.Equal([(0, 1, true), (0, 2, true), (0, 4, false), (1, 1, false)], points.Select(p => (p.Team, p.Agents, p.Resampled)));
        Assert.Equal(0.75, points[0].Accuracy.Value, 9);
        Assert.InRange(points[1].Accuracy.Value, least, most);
        Assert.Equal(1, points[2].Accuracy.Value);
        Assert.Equal((5, 10), (points[0].Tokens, points[1].Tokens));
        Assert.Equal(points, await new ExperimentScaling(bench.Store, bench.Runs).OfAsync(experiment.Id, null, ExperimentBench.Test));
    }

    [Fact]
    public async Task Rescore_ChangedExpectation_NewScoresWithoutAnotherRun()
    {
        await using var bench = await ExperimentBench.StartAsync();
        var dataset = await bench.PublishAsync(ExperimentBench.Case("a", "wrong"), ExperimentBench.Case("b"), ExperimentBench.Case("c"));
        var experiment = await bench.CreateAsync(new ExperimentDraft { DatasetId = dataset, Teams = [ExperimentBench.Team("A")] });
        var runner = bench.Begin();
        runner.Start();
        await bench.UntilOverAsync(runner, experiment.Id);
        await bench.Cases.SaveAsync(dataset, new CaseBatch([ExperimentBench.Case("a"), ExperimentBench.Case("b") with { Prompt = "another question" }]), ExperimentBench.Test);
        await bench.Cases.RemoveAsync(dataset, ["c"], ExperimentBench.Test);
        await bench.Cases.PublishAsync(dataset, "", ExperimentBench.Test);

        var report = await new ExperimentRescoring(bench.Store, bench.Cases, bench.Runs, bench.Time).RescoreAsync(experiment.Id, null, null, ExperimentBench.Test);

        Assert.Equal(new RescoreReport(2, 1, 1, 1), report);
        Assert.Equal(3, bench.Runs.Started);
        Assert.Equal([1, 1, 1], (await bench.CellsAsync(experiment.Id)).Select(cell => cell.Result!.Score));
        Assert.Equal((1, 2), ((await bench.Store.FindAsync(experiment.Id, ExperimentBench.Test))!.Version, (await bench.Store.FindAsync(experiment.Id, ExperimentBench.Test))!.ScoredVersion));
    }

    [Theory]
    [InlineData("3", "numeric")]
    [InlineData("egg", "equals")]
    public void Assertions_NoneAtAll_FollowFromWhatIsExpected(string expected, string type) =>
        Assert.Equal(type, Assert.Single(CaseAssertions.Of(ExperimentBench.Case("a", expected), [])).Type);

    [Fact]
    public void Assertions_Defaults_AreFilledIn_WithNumbersWhereNumbersAreWanted()
    {
        var defaults = JsonDocument.Parse("""[{"type":"numeric","value":"{{expected}}"},{"type":"icontains","value":"{{expected}} eggs"}]""").RootElement.EnumerateArray();

        var filled = CaseAssertions.Of(ExperimentBench.Case("a", "3"), [.. defaults]);

        Assert.Equal("""[{"type":"numeric","value":3},{"type":"icontains","value":"3 eggs"}]""", Shape(filled));

        static string Shape(IEnumerable<MuseWorkbench.Curation.Scoring.Assertion> assertions) => JsonSerializer.Serialize(
            MuseWorkbench.Curation.Scoring.AssertionText.ToNode(assertions).Select(a => new { type = (string)a!["type"]!, value = a["value"] }));
    }

    [Fact]
    public async Task Create_DraftChanged_IsRefusedUnlessPublishedOrNamed()
    {
        await using var bench = await ExperimentBench.StartAsync();
        var dataset = await bench.PublishAsync(ExperimentBench.Case("a"));
        await bench.Cases.SaveAsync(dataset, new CaseBatch([ExperimentBench.Case("b")]), ExperimentBench.Test);
        var draft = new ExperimentDraft { DatasetId = dataset, Teams = [ExperimentBench.Team("A")] };

        var refused = await Assert.ThrowsAsync<ExperimentRefusedException>(() => bench.CreateAsync(draft));
        var named = await bench.CreateAsync(draft with { Version = 1 });
        var published = await bench.CreateAsync(draft with { Publish = true });

        Assert.Equal(ExperimentRefusal.PublishFirst, refused.Refusal);
        Assert.Equal([(1, 1), (2, 2)], new[] { named, published }.Select(e => (e.Version, e.Cases)));
    }

    [Fact]
    public async Task Create_CaseNobodyCanScore_IsRefusedWithItsId()
    {
        await using var bench = await ExperimentBench.StartAsync();
        var dataset = await bench.PublishAsync(ExperimentBench.Case("a"), ExperimentBench.Case("open") with { Expected = null });

        var refused = await Assert.ThrowsAsync<ExperimentRefusedException>(() => bench.CreateAsync(new ExperimentDraft { DatasetId = dataset, Teams = [ExperimentBench.Team("A")] }));

        Assert.Equal((ExperimentRefusal.Unscorable, "1 of 2 cases can't be scored; the first is 'open': It has neither assertions nor an expected answer or places."), (refused.Refusal, refused.Message));
    }

    private static Experiment Make(params string[] teams) => new()
    {
        Id = Guid.NewGuid(), Name = "E", CreatedAt = DateTimeOffset.UnixEpoch, DatasetId = Guid.NewGuid(), DatasetName = "D", Version = 1, ScoredVersion = 1, Cases = 3, Repeats = 1, SeedBase = 1,
        Teams = [.. teams.Select(name => ExperimentBench.Team(name))],
    };

    private static ExperimentCell[] Cells(CaseKey[] cases, double?[][] scores) =>
        [.. scores.SelectMany((team, t) => team.Select((score, c) => Cell(t, cases[c].Index, score)))];

    private static ExperimentCell Cell(int team, int @case, double? score) => new()
    {
        Key = 1, ExperimentId = Guid.Empty, Team = team, Case = @case, Repeat = 0, Seed = 1, State = score is null ? CellState.Error : CellState.Done,
        Result = new CellResult { Score = score, Passed = score >= 0.5, Error = score is null ? "Broke." : null, FinishedAt = DateTimeOffset.UnixEpoch },
    };
}
