using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Compose;
using MuseWorkbench.Web.Features.Workbench.Viewer;

namespace MuseWorkbench.Web.Tests.Components;

public sealed class ViewerTests : WorkbenchBunit
{
    [Fact]
    public void Viewer_NoImage_InvitesOne()
    {
        var viewer = Render<ImageViewer>(p => p.Add(x => x.Model, new ComposerModel()));

        Assert.Contains("Drop an image anywhere", viewer.Find("[data-browse]").TextContent, StringComparison.Ordinal);
        Assert.Empty(viewer.FindAll("img"));
    }

    [Fact]
    public void Crop_ByNumbers_IsDrawnAndRefusedWhereItIsNone()
    {
        var model = new ComposerModel();
        model.Add(RunScript.Image);
        var viewer = Render<ImageViewer>(p => p.Add(x => x.Model, model));

        viewer.Find("[aria-label='Draw a rectangle']").Click();
        viewer.Find("#crop-left").Change("100");
        viewer.Find("#crop-bottom").Change("50");

        Assert.Equal(new NormalizedBox(0.25, 0, 1, 0.25), model.CropOf(RunScript.Image));
        Assert.Contains("left:25%", viewer.Find("[data-crop]").GetAttribute("style"), StringComparison.Ordinal);

        viewer.Find("#crop-right").Change("90");

        Assert.Equal("Left must lie before right, top before bottom, all of them on the image.", viewer.Find(".fault").TextContent);
        Assert.Equal(new NormalizedBox(0.25, 0, 1, 0.25), model.CropOf(RunScript.Image));
    }

    [Fact]
    public void Frame_TwoAgentsAgree_OneLabelAndABoxEach()
    {
        var script = new RunScript(2).Think(0, "egg").Think(1, "egg").See(0, 1, "egg", 0).See(1, 1, "egg", 0, 0.11);

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));

        var label = Assert.Single(frame.FindAll(".cl-tag"));
        Assert.Equal("egg", label.Children[0].TextContent);
        Assert.Equal("2/2", label.QuerySelector("small")!.TextContent);
        Assert.Equal("2 of 2 agents named it", label.GetAttribute("data-tip"));
        Assert.Equal(["eggA1", "eggA2"], frame.FindAll(".bx-tag").Select(tag => tag.TextContent).Order());
        Assert.Equal(["ag1", "ag2"], frame.FindAll(".cl path").Select(part => part.ClassList.Single(name => name.StartsWith("ag", StringComparison.Ordinal))));
        Assert.Equal("0-1 1-1", frame.Find(".cl").GetAttribute("data-members"));
    }

    [Fact]
    public void Frame_OneAgentOfTwoNamesAThing_ItsLabelSaysWho()
    {
        var script = new RunScript(2).Think(1, "egg").See(1, 1, "egg", 0);

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));

        var label = Assert.Single(frame.FindAll(".cl-tag"));
        Assert.Equal("1/2", label.QuerySelector("small")!.TextContent);
        Assert.Equal("1 of 2 agents named it: Agent 2", label.GetAttribute("data-tip"));
        Assert.Contains("ag2", label.ClassList);
    }

    [Fact]
    public void Frame_TeamOfOne_LabelIsTheThingAlone()
    {
        var script = new RunScript(1).Think(0, "egg").See(0, 1, "egg", 0);

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));

        Assert.All(frame.FindAll(".tag"), tag => Assert.Equal("egg", tag.TextContent));
    }

    [Fact]
    public void Frame_BoxOfAnotherImage_IsNotDrawn()
    {
        var script = new RunScript(1).Think(0, "egg").See(0, 1, "egg", 0);

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 1).Add(x => x.Run, script.View));

        Assert.Empty(frame.FindAll(".tag"));
    }

    [Fact]
    public void Remove_Thumbnail_TakesTheImageAway()
    {
        var model = new ComposerModel();
        model.Add(RunScript.Image);
        var viewer = Render<ImageViewer>(p => p.Add(x => x.Model, model));

        viewer.Find("[aria-label='Remove table.png']").Click();

        Assert.Empty(model.Images);
        Assert.NotNull(viewer.Find(".empty"));
    }

    [Theory]
    [InlineData(0, 4, "M100 100L300 100")]
    [InlineData(1, 4, "M300 100L300 300")]
    [InlineData(0, 2, "M100 100L300 100L300 300")]
    public void OutlinePart_SquareBox_IsItsShareOfThePerimeter(int index, int count, string path)
    {
        Assert.Equal(path, BoxOutline.Part(new Region("", 0.1, 0.1, 0.3, 0.3), 1, index, count));
    }
}
