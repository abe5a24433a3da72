using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Features.Workbench.Viewer;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Scenes;

/// <summary>Agreement, reading order, points and outlines on the image.</summary>
public sealed class AgreementTests : WorkbenchBunit
{
    [Fact]
    public void Map_TwoAgentsOverlap_CountsAgentsNotBoxes()
    {
        var map = AgreementMap.Of(
            [Mark(0, 1, new Region("a", 0, 0, 0.5, 1)), Mark(0, 2, new Region("b", 0, 0, 0.5, 1)), Mark(1, 1, new Region("c", 0.25, 0, 0.75, 1)), Mark(2, 1, new Region("d", 0, 0, 1, 1, 1))], 0, 1);

        Assert.Equal(2, map.Most);
        Assert.Equal(1, CountAt(map, 0.1, 0.5));
        Assert.Equal(2, CountAt(map, 0.4, 0.5));
        Assert.Equal(1, CountAt(map, 0.6, 0.5));
        Assert.Equal(0, CountAt(map, 0.9, 0.5));
    }

    [Fact]
    public void Map_OutlineAndPoint_CoverWhatTheyEnclose()
    {
        var triangle = new Region("t", 0, 0, 1, 1) { Polygon = [0, 0, 1, 0, 0, 1] };
        var map = AgreementMap.Of([Mark(0, 1, triangle), Mark(1, 1, new Region("p", 0.25, 0.25, 0.25, 0.25))], 0, 2);

        Assert.Equal(1, CountAt(map, 0.6, 0.2));
        Assert.Equal(0, CountAt(map, 0.8, 0.8));
        Assert.Equal(2, CountAt(map, 0.25, 0.25));
    }

    [Fact]
    public void Map_SixteenAgentsManyBoxes_AllCounted()
    {
        var marks = Enumerable.Range(0, 16).SelectMany(agent => Enumerable.Range(1, 60).Select(i => Mark(agent, i, new Region("x", 0.4, 0.4, 0.6, 0.6))));

        Assert.Equal(16, AgreementMap.Of(marks, 0, 1.5).Most);
    }

    [Fact]
    public void Order_ComesBackToAThing_KeepsItsFirstNumber()
    {
        var order = ReadingOrder.Of([Mark(0, 3, new Region("Egg", 0.1, 0.1, 0.3, 0.3)), Mark(0, 1, new Region("egg", 0.1, 0.1, 0.3, 0.3)), Mark(0, 2, new Region("cup", 0.5, 0.5, 0.7, 0.7))]);

        Assert.Equal([1, 2], order.Select(mark => mark.Ordinal));
    }

    [Fact]
    public void Clusters_PointsNearEachOther_AreOneThing()
    {
        var clusters = new RegionClusters();
        clusters.Add(Mark(0, 1, new Region("eye", 0.5, 0.5, 0.5, 0.5)));
        clusters.Add(Mark(1, 1, new Region("eye", 0.52, 0.5, 0.52, 0.5)));
        clusters.Add(Mark(2, 1, new Region("eye", 0.6, 0.5, 0.6, 0.5)));
        clusters.Add(Mark(3, 1, new Region("eye", 0.45, 0.45, 0.55, 0.55)));

        Assert.Equal([2, 1, 1], clusters.All.Select(cluster => cluster.Members.Count));
    }

    [Fact]
    public void Frame_PointAndOutline_DrawnAsSuch()
    {
        var script = new RunScript(1)
            .Add(Found(0, 1, new Region("tip", 0.5, 0.25, 0.5, 0.25)))
            .Add(Found(0, 2, new Region("roof", 0, 0, 1, 1) { Polygon = [0, 0, 1, 0, 0, 1] }));

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));

        Assert.Equal("M500 250h0", frame.Find(".bx[data-region='0-1'] .line.pt").GetAttribute("d"));
        Assert.Equal("0 0 1000 0 0 1000", frame.Find(".bx[data-region='0-2'] polygon.line").GetAttribute("points"));
        Assert.Equal(2, frame.FindAll(".cl").Count);
    }

    [Fact]
    public void Viewer_OrderMode_NumbersOneAgentsPlacesAndStepsToTheNext()
    {
        var viewer = ViewerOf(new RunScript(2).See(0, 1, "egg", 0).See(0, 2, "cup", 0, 0.6, 0.6).See(1, 1, "jar", 0));

        Button(viewer, "Order").Click();

        var frame = viewer.Find(".stage");
        Assert.Equal(["1", "2"], frame.QuerySelectorAll(".step").Select(step => step.TextContent));
        Assert.Equal(2, frame.QuerySelectorAll(".way").Length);
        viewer.Find("[aria-label='Next agent']").Click();
        Assert.Equal("1. jar", Assert.Single(viewer.FindAll(".stage .step")).GetAttribute("data-tip"));
        Assert.Contains("Agent 2", viewer.Find(".legend").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Viewer_HeatMode_CellsSayHowManyAndALegendStands()
    {
        var viewer = ViewerOf(new RunScript(4).See(0, 1, "egg", 0).See(1, 1, "cup", 0));

        Button(viewer, "Heat").Click();

        Assert.Contains(viewer.FindAll(".stage .cell"), cell => cell.GetAttribute("data-tip") == "2 of 4 agents look here");
        Assert.Contains("4 of 4 agents", viewer.Find(".legend").TextContent, StringComparison.Ordinal);
        Button(viewer, "Merged").Click();
        Assert.Empty(viewer.FindAll(".cell"));
    }

    [Fact]
    public void Viewer_RunOver_OffersTheOverlayAsFiles()
    {
        var script = new RunScript(1).See(0, 1, "egg", 0);
        Assert.Empty(ViewerOf(script).FindAll("a[download]"));
        script.Answer(0, "1").Finish();

        var links = ViewerOf(script).FindAll("a[download]").Select(link => link.GetAttribute("href"));

        Assert.Equal([$"api/runs/{script.Id}/overlay.png?image=0&boxes=merged", $"api/runs/{script.Id}/overlay.svg?image=0&boxes=merged", $"api/runs/{script.Id}/overlay.coco.json"], links);
    }

    [Theory]
    [InlineData("All", "boxes=all")]
    [InlineData("Order", "boxes=order&agent=1")]
    [InlineData("Heat", "boxes=heat")]
    [InlineData("Off", "boxes=off")]
    public void Viewer_ModeChosen_FilesShowThatMode(string mode, string query)
    {
        var script = new RunScript(2).See(1, 1, "egg", 0).Answer(0, "1").Finish();
        var viewer = ViewerOf(script);

        Button(viewer, mode).Click();

        var links = viewer.FindAll("a[download]").Select(link => link.GetAttribute("href"));
        Assert.Equal([$"api/runs/{script.Id}/overlay.png?image=0&{query}", $"api/runs/{script.Id}/overlay.svg?image=0&{query}", $"api/runs/{script.Id}/overlay.coco.json"], links);
    }

    private IRenderedComponent<ImageViewer> ViewerOf(RunScript script)
    {
        var model = new ComposerModel();
        model.Add(RunScript.Image);
        return Render<ImageViewer>(p => p.Add(x => x.Model, model).Add(x => x.Run, script.View));
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<ImageViewer> viewer, string name) =>
        viewer.FindAll(".seg button").Single(button => button.TextContent == name);

    private static int CountAt(AgreementMap map, double x, double y) =>
        map.Runs.Where(run => x >= run.X && x < run.X + run.Width && y >= run.Y && y < run.Y + run.Height).Select(run => run.Count).SingleOrDefault();

    private static RegionMark Mark(int agent, int ordinal, Region region) => new(agent, ordinal, region);

    private static RegionFound Found(int agent, int ordinal, Region region) =>
        new() { Agent = agent, Ordinal = ordinal, Region = region, Channel = TextChannel.Reasoning, TextStart = 0, TextLength = 0 };
}
