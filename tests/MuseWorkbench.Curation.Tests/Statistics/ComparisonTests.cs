using System.Collections.Immutable;
using MuseWorkbench.Curation.Statistics;

namespace MuseWorkbench.Curation.Tests.Statistics;

public class ComparisonTests
{
    // both right, only A right, only B right, both wrong.
    private static (TeamTrials A, TeamTrials B) Teams(int both, int onlyA, int onlyB, int neither)
    {
        (double A, double B)[] cases =
        [
            .. Enumerable.Repeat((1.0, 1.0), both), .. Enumerable.Repeat((1.0, 0.0), onlyA),
            .. Enumerable.Repeat((0.0, 1.0), onlyB), .. Enumerable.Repeat((0.0, 0.0), neither),
        ];
        return (Team("A", cases.Select(c => (double?)c.A)), Team("B", cases.Select(c => (double?)c.B)));
    }

    private static TeamTrials Team(string name, IEnumerable<double?> scores) =>
        new(name, [.. scores.Select((score, i) => new Trial($"case {i}", score))]);

    [Fact]
    public void Of_ClearDifference_DecidedInWords()
    {
        var (a, b) = Teams(both: 300, onlyA: 20, onlyB: 60, neither: 120);
        var comparison = TeamComparison.Of(a, b);
        Assert.Equal(Decision.BBetter, comparison.Decision);
        Assert.Equal(0.08, comparison.Difference!.Value, 1e-12);
        Assert.Equal(new McNemar(20, 60), comparison.McNemar);
        Assert.Equal(comparison.McNemar!.ExactP, comparison.P, 1e-12);
        // The interval's ends came out of NumPy and SciPy from the same draws.
        Assert.Equal((0.046, 0.116), (Math.Round(comparison.Difference.Lower, 9), Math.Round(comparison.Difference.Upper, 9)));
        Assert.Equal("B is better than A by 8.0 points, 95 % CI 4.6 to 11.6 (500 cases, p < 0.001).", VerdictText.Of(comparison));
    }

    [Fact]
    public void Of_SwappedTeams_SameVerdictMirrored()
    {
        var (a, b) = Teams(300, 20, 60, 120);
        Assert.StartsWith("B is better than A by 8.0 points, 95 % CI 4.", VerdictText.Of(TeamComparison.Of(b, a)), StringComparison.Ordinal);
        Assert.Equal(Decision.ABetter, TeamComparison.Of(b, a).Decision);
    }

    [Fact]
    public void Of_SmallDifference_SaysHowManyMoreCases()
    {
        var (a, b) = Teams(300, 40, 50, 110);
        var comparison = TeamComparison.Of(a, b);
        Assert.Equal(Decision.NotDecided, comparison.Decision);
        // n·((1.96 + 0.84)·SE/d)² with SE = √((90/500 − 0.02²)/499).
        var error = Math.Sqrt((90 / 500.0 - 0.0004) / 499);
        Assert.Equal(error, comparison.StandardError!.Value, 1e-12);
        Assert.Equal((int)Math.Ceiling(Power.CasesNeeded(500, error, 0.02) - 500), comparison.MoreCasesNeeded);
        Assert.Equal(
            "Not decided: B is ahead of A by 2.0 points, 95 % CI −1.6 to 5.8 (500 cases, p = 0.34). About 3,100 more cases needed to decide a difference of this size.",
            VerdictText.Of(comparison));
    }

    [Fact]
    public void Of_AllAlike_SaysWhatWouldHaveShown()
    {
        var (a, b) = Teams(40, 5, 5, 10);
        Assert.Matches(@"^Not decided: A and B score the same on 60 cases, .* A true difference of \d+\.\d points or more would most likely have shown\.$", VerdictText.Of(TeamComparison.Of(a, b)));
    }

    [Fact]
    public void Of_ThreeOfThree_IsNotYetEnough()
    {
        var (a, b) = Teams(0, 0, 3, 0);
        var comparison = TeamComparison.Of(a, b);
        Assert.Equal(Decision.NotDecided, comparison.Decision);
        // Six heads in a row are the fewest with p below 0.05.
        Assert.Equal(3, comparison.MoreCasesNeeded);
    }

    [Fact]
    public void Of_SharedImages_CountsImagesNotCases()
    {
        // 4 images with 30 questions each: all of an image's questions go the same way.
        TeamTrials Of(string name, Func<int, double> score) => new(name, [.. Enumerable.Range(0, 120).Select(i => new Trial($"{i}", score(i / 30)) { Cluster = $"image {i / 30}" })]);
        var comparison = TeamComparison.Of(Of("A", _ => 0), Of("B", image => image == 3 ? 0 : 1));
        Assert.Equal((120, 4), (comparison.Cases, comparison.Clusters));
        Assert.Null(comparison.McNemar);
        Assert.Equal(0.25, comparison.P, 1e-12);
        Assert.Equal(Decision.NotDecided, comparison.Decision);
        Assert.Contains("120 cases on 4 images", VerdictText.Of(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OneImage_ClaimsNothing()
    {
        TeamTrials Of(string name, double score) => new(name, [.. Enumerable.Range(0, 9).Select(i => new Trial($"{i}", score) { Cluster = "image" })]);
        var comparison = TeamComparison.Of(Of("A", 0), Of("B", 1));
        Assert.Equal(Decision.NotDecided, comparison.Decision);
        Assert.Equal("Not decided: all 9 cases share one image, which says nothing of others.", VerdictText.Of(comparison));
    }

    [Fact]
    public void Of_Errors_LeftOutAndSaid()
    {
        var a = Team("A", [1, 0, null, 1, 0, 1]);
        var b = Team("B", [1, 1, 1, null, 0, 1]);
        var comparison = TeamComparison.Of(a, b);
        Assert.Equal((4, 2), (comparison.Cases, comparison.LeftOut));
        Assert.Equal(0.25, comparison.Difference!.Value, 1e-12);
        Assert.Equal(1 / 6.0, comparison.DifferenceIfErrorsAreWrong!.Value, 1e-12);
        Assert.Equal(3 / 5.0, comparison.A.Accuracy!.Value, 1e-12);
        Assert.EndsWith(
            "2 cases left out for want of a score on both sides (A: 1 error in 6 attempts, B: 1 error in 6 attempts). Counted as wrong, they would put B ahead by 16.7 points.",
            VerdictText.Of(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NoCommonCase_SaysSo()
    {
        var comparison = TeamComparison.Of(Team("A", [null]), Team("B", [1]));
        Assert.Null(comparison.Difference);
        Assert.StartsWith("Nothing to compare", VerdictText.Of(comparison), StringComparison.Ordinal);
        Assert.Null(comparison.A.Accuracy);
    }

    [Fact]
    public void Of_Repeats_ReducedWithinTheCase()
    {
        TeamTrials Of(string name, params double?[] scores) => new(name, [.. scores.Select((s, i) => new Trial($"{i / 3}", s))]);
        var comparison = TeamComparison.Of(Of("A", 0, 0, 1, 0, 0, null), Of("B", 1, 1, 0, 1, 1, 1));
        Assert.Equal(2, comparison.Cases);
        Assert.Equal((2 / 3.0 + 1) / 2 - 1 / 6.0, comparison.Difference!.Value, 1e-12);
        Assert.Contains("Some attempts ended in errors and were not scored (A: 1 error in 6 attempts, B: 0 errors in 6 attempts).", VerdictText.Of(comparison), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SameSeed_SameIntervalOtherSeedAnother()
    {
        var (a, b) = Teams(30, 10, 21, 11);
        var first = TeamComparison.Of(a, b);
        Assert.Equal(first.Difference, TeamComparison.Of(a, b).Difference);
        Assert.NotEqual(first.Difference, TeamComparison.Of(a, b, ComparisonOptions.Default with { Seed = 2, Replicates = 999 }).Difference);
    }

    [Fact]
    public void Against_ManyTeams_CorrectedTogether()
    {
        var (a, b) = Teams(100, 10, 23, 50);
        Assert.Equal(Decision.BBetter, TeamComparison.Of(a, b).Decision);
        var many = TeamComparison.Against(a, Enumerable.Range(1, 3).Select(n => b with { Team = $"B{n}" }));
        Assert.All(many, comparison =>
        {
            Assert.Equal(Math.Min(1, 3 * comparison.P), comparison.AdjustedP, 1e-12);
            Assert.Equal(Decision.NotDecided, comparison.Decision);
            Assert.NotNull(comparison.MoreCasesNeeded);
        });
        Assert.Contains("corrected for 3 comparisons", VerdictText.Of(many[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Pairwise_FourTeams_SixComparisons() =>
        Assert.Equal(6, TeamComparison.Pairwise([.. Enumerable.Range(0, 4).Select(n => Team($"{n}", [1, 0, 1, n % 2]))]).Length);

    // What a method promises can be tried: of 400 worlds without a difference, about 5 % or fewer may be called decided.
    [Fact]
    public void Of_NoTrueDifference_RarelyDecided()
    {
        var random = new RandomStream(42);
        var options = ComparisonOptions.Default with { Replicates = 500 };
        var decided = Enumerable.Range(0, 400).Count(_ => TeamComparison.Of(World("A"), World("B"), options).Decision != Decision.NotDecided);
        Assert.InRange(decided, 1, 28);

        TeamTrials World(string name) => Team(name, [.. Enumerable.Range(0, 60).Select(_ => (double?)random.Below(2))]);
    }

    [Fact]
    public void Summary_SharedImages_WiderThanIndependent()
    {
        ImmutableArray<Trial> trials = [.. Enumerable.Range(0, 40).Select(i => new Trial($"{i}", i / 10 % 2))];
        var independent = TeamSummary.Of(new TeamTrials("T", trials)).Accuracy!;
        var clustered = TeamSummary.Of(new TeamTrials("T", [.. trials.Select((t, i) => t with { Cluster = $"{i / 10}" })])).Accuracy!;
        Assert.Equal(Proportion.Wilson(20, 40), independent);
        Assert.True(clustered.Upper - clustered.Lower > 2 * (independent.Upper - independent.Lower));
    }
}
