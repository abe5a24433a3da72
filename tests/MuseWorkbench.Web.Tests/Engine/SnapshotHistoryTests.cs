using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Tests.Engine;

public sealed class SnapshotHistoryTests
{
    private readonly ManualTime _time = new();
    private readonly SnapshotHistory _history;

    public SnapshotHistoryTests() => _history = new SnapshotHistory(_time);

    [Fact]
    public void Merge_Neighbours_WeighsMeansAddsCountsKeepsPeaks()
    {
        var a = TestSnapshots.Make(10) with { IntervalMs = 200, IntervalSteps = 3, MeanRows = 8, MaxRows = 8, StepMeanMs = 10, StepP95Ms = 30, IntervalGenerated = 24, IntervalPrefilled = 5, Waiting = 6, Running = 2 };
        var b = TestSnapshots.Make(11) with { IntervalMs = 1000, IntervalSteps = 1, MeanRows = 4, MaxRows = 4, StepMeanMs = 2, StepP95Ms = 2, IntervalGenerated = 4, IntervalPrefilled = 1, Waiting = 0, Running = 4 };
        var merged = SnapshotMerge.Merge([a, b]);
        Assert.Equal(b with { IntervalMs = 1200, IntervalSteps = 4, MeanRows = 7, MaxRows = 8, StepMeanMs = 8, StepP95Ms = 30, IntervalGenerated = 28, IntervalPrefilled = 6, Waiting = 6, Running = 4 }, merged);
    }

    [Fact]
    public void Merge_NoSteps_DividesByNothing()
    {
        var idle = TestSnapshots.Make(1) with { IntervalSteps = 0, MeanRows = 0, StepMeanMs = 0 };
        Assert.Equal(0, SnapshotMerge.Merge([idle, idle]).MeanRows);
    }

    [Fact]
    public void Read_MoreThanAskedFor_IsThinnedWithoutLosingCounts()
    {
        Fill(1500, TimeSpan.FromMilliseconds(200)); // five minutes
        var points = _history.Read(TimeSpan.FromMinutes(5), 100);
        Assert.InRange(points.Count, 90, 100);
        Assert.Equal(1500, points.Sum(point => point.IntervalSteps));
        Assert.Equal(1500 * 3, points.Sum(point => point.IntervalGenerated));
        Assert.True(points.Zip(points.Skip(1)).All(pair => pair.First.At < pair.Second.At));
    }

    [Fact]
    public void Read_AsTimeGoesOn_LeavesEarlierPointsAsTheyWere()
    {
        Fill(1500, TimeSpan.FromMilliseconds(200));
        var before = _history.Read(TimeSpan.FromMinutes(5), 100);
        Fill(1, TimeSpan.FromMilliseconds(200));
        var after = _history.Read(TimeSpan.FromMinutes(5), 100);
        Assert.Equal(before.Skip(2).SkipLast(1), after.Where(point => point.At > before[1].At && point.At < before[^1].At));
    }

    [Fact]
    public void Read_Window_LeavesOutWhatIsOlder()
    {
        Fill(10, TimeSpan.FromSeconds(1));
        Assert.Equal(4, _history.Read(TimeSpan.FromSeconds(3), 10).Count);
    }

    [Fact]
    public void Add_ForMoreThanAnHour_ForgetsTheOldest()
    {
        Fill(61, TimeSpan.FromMinutes(1));
        Assert.Equal(61, _history.Read(TimeSpan.FromHours(2), 100).Count);
        Fill(5, TimeSpan.FromMinutes(1));
        Assert.Equal(61, _history.Read(TimeSpan.FromHours(2), 100).Count);
    }

    [Fact]
    public void Add_Flood_KeepsABoundedNumber()
    {
        Fill(SnapshotHistory.Capacity + 5, TimeSpan.Zero);
        Assert.Equal(SnapshotHistory.Capacity, _history.Read(TimeSpan.FromMinutes(1), SnapshotHistory.Capacity + 10).Count);
    }

    private void Fill(int count, TimeSpan every)
    {
        for (var i = 0; i < count; i++)
        {
            _time.Advance(every);
            _history.Add(TestSnapshots.Make(i) with { At = _time.GetUtcNow() });
        }
    }
}
