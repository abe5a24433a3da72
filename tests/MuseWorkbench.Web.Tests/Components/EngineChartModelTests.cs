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

    [Theory]
    [InlineData(3, "capacity 64", false)]
    [InlineData(32, null, true)]
    public void Rows_Capacity_IsALineOnlyWhereUseComesNearIt(int most, string? beyond, bool line)
    {
        var snapshot = At(1) with { MaxRows = most, RowCapacity = 64 };

        var rows = Chart(EngineChartModel.From([snapshot], TimeSpan.FromMinutes(1), s_end), "Batch occupancy");

        Assert.Equal(beyond, rows.Beyond);
        Assert.Equal(line, rows.Series.Any(series => series.Style == SeriesStyle.Limit));
    }

    [Fact]
    public void Cells_LittleUsed_TellsTheCapacityInsteadOfDrawingIt()
    {
        var little = At(1) with { Kv = new KvCells(16384, 100, 200, 12) };

        var cells = Chart(EngineChartModel.From([little], TimeSpan.FromMinutes(1), s_end), "KV cells");

        Assert.Equal(("capacity 16,384", "312 of 16,384 in use"), (cells.Beyond, cells.Subtitle));
        Assert.All(cells.Series, series => Assert.Equal(SeriesStyle.Area, series.Style));
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
