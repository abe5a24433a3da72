using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Shared.Charts;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class EngineChartModelTests
{
    private static readonly DateTimeOffset s_end = DateTimeOffset.UnixEpoch.AddSeconds(10);

    [Fact]
    public void From_Nothing_HasNoWorkAndEmptyCharts()
    {
        var model = EngineChartModel.From([], TimeSpan.FromMinutes(1), s_end);

        Assert.False(model.HasWork);
        Assert.Empty(model.Kpis);
        Assert.All(model.Charts, chart => Assert.False(chart.HasData));
    }

    [Fact]
    public void From_Snapshots_EverySeriesHasOneValueATime()
    {
        var model = EngineChartModel.From([At(2), At(4), At(9)], TimeSpan.FromMinutes(1), s_end);

        Assert.All(model.Charts, chart =>
        {
            Assert.Equal([-8, -6, -1], chart.X);
            Assert.All(chart.Series, series => Assert.Equal(3, series.Y.Length));
        });
    }

    [Fact]
    public void Latency_NoObservations_IsAGapNotZero()
    {
        var quiet = At(1) with { TimeToFirstToken = new LatencySummary(0, 0, 0, 0), IntervalSteps = 0 };

        var model = EngineChartModel.From([quiet, At(2)], TimeSpan.FromMinutes(1), s_end);

        Assert.Equal([null, 1], Chart(model, "Time to first token").Series[0].Y);
        Assert.Equal([null, 10], Chart(model, "Step time").Series[0].Y);
    }

    [Fact]
    public void Memory_DeviceFarLarger_LeavesTheTotalOut()
    {
        var small = At(1) with { Memory = new MemoryUse("CPU", 6 << 20, 75 << 20, 0, 40 << 20, 0, 9L << 30, 24L << 30) };
        var large = At(1) with { Memory = new MemoryUse("GPU", 60L << 30, 30L << 30, 0, 2L << 30, 0, 40L << 30, 140L << 30) };

        var few = Chart(EngineChartModel.From([small], TimeSpan.FromMinutes(1), s_end), "Device memory");
        var many = Chart(EngineChartModel.From([large], TimeSpan.FromMinutes(1), s_end), "Device memory");

        Assert.Equal("MiB", few.Unit);
        Assert.DoesNotContain(few.Series, series => series.Style == SeriesStyle.Limit);
        Assert.Equal("GiB", many.Unit);
        Assert.Equal([140], many.Series.Single(series => series.Style == SeriesStyle.Limit).Y);
    }

    [Fact]
    public void HitRate_CountersInWindow_IsTheirShareNotSinceStart()
    {
        var before = At(1) with { Counters = new EngineCounters { PrefixQueries = 100, PrefixHits = 0 } };
        var after = At(2) with { Counters = new EngineCounters { PrefixQueries = 110, PrefixHits = 9 } };

        var model = EngineChartModel.From([before, after], TimeSpan.FromMinutes(1), s_end);

        Assert.Equal("90 %", model.Kpis.Single(kpi => kpi.Name == "Prefix hit rate").Value);
    }

    private static EngineSnapshot At(int seconds) => TestSnapshots.Make(seconds) with { At = DateTimeOffset.UnixEpoch.AddSeconds(seconds) };

    private static ChartFigure Chart(EngineChartModel model, string title) => model.Charts.Single(chart => chart.Title == title);
}
