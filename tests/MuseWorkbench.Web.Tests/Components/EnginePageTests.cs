using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Shared.Charts;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class EnginePageTests : WorkbenchBunit
{
    private static readonly EngineSnapshot s_busy = TestSnapshots.Make(1);
    private readonly FakeMonitor _monitor = new();

    public EnginePageTests()
    {
        Services.AddSingleton<INodeMonitor>(_monitor);
        Services.AddSingleton<IMemberMonitors>(new NoMembers());
        Services.AddSingleton<IRunService>(new HeldRuns());
    }

    [Fact]
    public void Page_NoSnapshots_SaysWhatToDoAndDrawsNothing()
    {
        var page = Render<EnginePage>();

        Assert.Equal("No work yet", page.Find(".empty .big").TextContent);
        Assert.Empty(page.FindComponents<PlotlyChart>());
        Assert.DoesNotContain(JSInterop.Invocations, call => call.Identifier == "import");
    }

    [Fact]
    public void Page_Work_ShowsTilesAndEightCharts()
    {
        _monitor.Arrive(s_busy);

        var page = Render<EnginePage>();

        Assert.Equal(8, page.FindComponents<PlotlyChart>().Count);
        Assert.Equal(["2.5 / 16", "15", "2.0 ms", "2.0 ms", "–", "9"], page.FindAll(".kpi b").Select(value => value.TextContent));
    }

    [Fact]
    public void Chart_LimitFarAboveItsScale_IsTold()
    {
        var figure = EngineChartModel.From([s_busy], TimeSpan.FromMinutes(1), DateTimeOffset.UnixEpoch).Charts.Single(c => c.Title == "Batch occupancy");

        var chart = Render<PlotlyChart>(p => p.Add(x => x.Figure, figure));

        Assert.Equal("capacity 16 ↑", chart.Find("li.beyond").TextContent);
    }

    [Fact]
    public void Chart_NoData_CallsNoScript()
    {
        var figure = EngineChartModel.From([], TimeSpan.FromMinutes(1), DateTimeOffset.UnixEpoch).Charts[0];

        var chart = Render<PlotlyChart>(p => p.Add(x => x.Figure, figure));

        Assert.Empty(JSInterop.Invocations);
        Assert.Contains("No data in this window", chart.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Chart_Data_IsMadeOnceThenUpdatedOncePerFigure()
    {
        var module = JSInterop.SetupModule("./Shared/Charts/PlotlyChart.razor.js");
        module.Mode = JSRuntimeMode.Loose;
        var handle = module.SetupModule("create", _ => true);
        handle.Mode = JSRuntimeMode.Loose;
        var figures = Enumerable.Range(1, 3).Select(n => EngineChartModel.From([s_busy], TimeSpan.FromMinutes(n), DateTimeOffset.UnixEpoch).Charts[0]).ToArray();

        var chart = Render<PlotlyChart>(p => p.Add(x => x.Figure, figures[0]));
        chart.Render(p => p.Add(x => x.Figure, figures[0]));
        chart.Render(p => p.Add(x => x.Figure, figures[1]));
        chart.Render(p => p.Add(x => x.Figure, figures[2]));

        Assert.Single(module.Invocations, call => call.Identifier == "create");
        Assert.Equal(2, handle.Invocations.Count(call => call.Identifier == "update"));
    }

    [Fact]
    public void Banner_Failed_ShowsReasonLogAndRestarts()
    {
        _monitor.Lines.Add(new NodeLogLine(DateTimeOffset.UnixEpoch, LogLevel.Error, "tensor lies outside the file"));
        _monitor.Become(new NodeStatus(NodePhase.Failed, "The model file is damaged."));
        var banner = Render<NodeBanner>();

        Assert.Contains("The model file is damaged.", banner.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("tensor lies outside the file", banner.Find("pre").TextContent, StringComparison.Ordinal);
        banner.Find("button").Click();

        Assert.Equal(1, _monitor.RestartCalls);
    }

    [Fact]
    public void Banner_Loading_ShowsProgressThenGoesAway()
    {
        _monitor.Become(new NodeStatus(NodePhase.Loading, LoadProgress: 0.4));
        var banner = Render<NodeBanner>();
        var bar = banner.Find("[role=progressbar]");
        Assert.Equal(["40", "0", "100"], new[] { "now", "min", "max" }.Select(part => bar.GetAttribute($"aria-value{part}")));
        Assert.Equal("Model loaded", bar.GetAttribute("aria-label"));

        _monitor.Become(new NodeStatus(NodePhase.Ready));

        banner.WaitForAssertion(() => Assert.Empty(banner.FindAll("section")));
    }

    [Fact]
    public void Log_LevelChosen_HidesLesserLines()
    {
        _monitor.Lines.Add(new NodeLogLine(DateTimeOffset.UnixEpoch, LogLevel.Information, "loaded"));
        _monitor.Lines.Add(new NodeLogLine(DateTimeOffset.UnixEpoch, LogLevel.Warning, "KV cache is nearly full"));
        var log = Render<NodeLogView>();
        Assert.Contains("2 lines", log.Find("header").TextContent, StringComparison.Ordinal);

        log.FindAll(".seg button")[2].Click();

        Assert.Contains("1 line", log.Find("header").TextContent, StringComparison.Ordinal);
    }
}
