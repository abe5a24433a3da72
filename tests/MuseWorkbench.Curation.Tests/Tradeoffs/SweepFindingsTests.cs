using MuseWorkbench.Core;
using MuseWorkbench.Curation.Tradeoffs;

namespace MuseWorkbench.Curation.Tests.Tradeoffs;

/// <summary>What points say together.</summary>
public class SweepFindingsTests
{
    [Fact]
    public void Front_PointsBehindOthers_AreLeftOut()
    {
        var points = new[] { Point(1, p95: 100, rate: 10), Point(2, p95: 200, rate: 5), Point(4, p95: 200, rate: 30), Point(8, p95: 400, rate: 30), Point(16, p95: 800, rate: 31) };

        Assert.Equal([1, 4, 16], SweepFindings.Front(points, figures => figures.RunsPerMinute).Select(point => point.Setting.Agents));
    }

    [Fact]
    public void Front_EqualPoints_FirstStandsForAll() =>
        Assert.Equal([1], SweepFindings.Front([Point(1, 100, 10), Point(2, 100, 10)], figures => figures.RunsPerMinute).Select(point => point.Setting.Agents));

    [Fact]
    public void Front_NotMeasuredOrWithoutBenefit_IsLeftOut() =>
        Assert.Empty(SweepFindings.Front([new SweepPoint(new(1, 64, 1)), Point(2, 100, 10, passed: 0, errors: 10)], figures => figures.Accuracy?.Value));

    [Fact]
    public void Sustained_SomeWithinTheTarget_NamesTheMostRunsAndTheMostOftenRight()
    {
        var words = SweepFindings.Sustained(Of(targetMs: 2000, Point(1, 500, 60, passed: 6), Point(2, 1900, 90, passed: 5), Point(8, 1500, 20, passed: 9), Point(8, 2100, 400, passed: 10)));

        Assert.Equal(
            "Where 95 of 100 runs are to end within 2 s, this hardware sustains 90 runs a minute: 2 agents of at most 64 tokens, 1 run at once, 50 % right (24 to 76). " +
            "Most often right within that time: 8 agents of at most 64 tokens, 1 run at once, 90 % right (60 to 98), at 20 runs a minute.", words);
    }

    [Fact]
    public void Sustained_NoneWithinTheTarget_NamesTheFastest() => Assert.Equal(
        "No setting keeps 0.3 s for 95 of 100 runs. The fastest, 1 agent of at most 64 tokens, 1 run at once, needs 0.5 s.",
        SweepFindings.Sustained(Of(targetMs: 300, Point(2, 1900, 90), Point(1, 500, 60))));

    [Fact]
    public void Sustained_NothingMeasured_SaysNothing() => Assert.Null(SweepFindings.Sustained(Of(300, new SweepPoint(new(1, 64, 1)))));

    internal static SweepPoint Point(int agents, double p95, double rate, int passed = 10, int errors = 0) => new(new SweepSetting(agents, 64, 1), new SweepFigures
    {
        Runs = 10, Errors = errors, Passed = passed, P50Ms = p95 / 2, P95Ms = p95, RunsPerMinute = rate, TokensPerSecond = 1, TokensPerRun = 1,
    });

    private static Sweep Of(double targetMs, params SweepPoint[] points) => new()
    {
        Id = Guid.NewGuid(), CreatedAt = DateTimeOffset.UnixEpoch, DatasetName = "D", Cases = [], Points = [.. points], TargetMs = targetMs,
        Team = new TeamSpec { Name = "T", Agents = [new AgentSpec { Name = "A" }] },
    };
}
