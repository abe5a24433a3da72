using System.Text.Json;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Views;

public class AgentViewTests
{
    // On the canvas: the left half of the top quarter, but for half a bin at each edge.
    private const string Egg = "<think>egg<loc0000><loc0000><loc0224><loc0480></think>1";

    [Fact]
    public async Task Run_AgentsWithOneView_ShareOnePicture()
    {
        var model = Saying("3");
        await using var bench = new RunBench(model);
        var image = bench.AddImage();

        await bench.RunAsync(Viewing(image, null, null, new() { Flip = true }, new() { Flip = true }, new() { Tone = ViewTone.Grey }));

        Assert.Equal(2, bench.Rendered.Count);
        var pictures = model.Calls.Select(call => call.Messages[0].Contents.OfType<DataContent>().Single()).ToList();
        Assert.Equal([1, 2, 2], pictures.GroupBy(p => p, ReferenceEqualityComparer.Instance).Select(g => g.Count()).Order());
    }

    [Fact]
    public async Task Run_Flipped_RegionIsMirroredBack()
    {
        await using var bench = new RunBench(Saying(Egg));
        var image = bench.AddImage();

        var events = await bench.RunAsync(Viewing(image, null, new() { Flip = true }));

        var regions = events.OfType<RegionFound>().OrderBy(e => e.Agent).Select(e => e.Region).ToArray();
        Assert.Equal(regions[0].X0, 1 - regions[1].X1, 1e-9);
        Assert.Equal(regions[0].X1, 1 - regions[1].X0, 1e-9);
        Assert.Equal((regions[0].Y0, regions[0].Y1), (regions[1].Y0, regions[1].Y1));
    }

    [Fact]
    public async Task Run_Tile_RegionIsOffsetAndScaled()
    {
        await using var bench = new RunBench(Saying(Egg));
        var image = bench.AddImage(200, 200);

        var events = await bench.RunAsync(Viewing(image, null, new() { Area = ViewArea.BottomRight, Enlarge = true }));

        var (whole, tile) = (events.OfType<RegionFound>().Single(e => e.Agent == 0).Region, events.OfType<RegionFound>().Single(e => e.Agent == 1).Region);
        Assert.Equal(0.4 + (0.6 * whole.X0), tile.X0, 1e-9);
        Assert.Equal(0.4 + (0.6 * whole.Y1), tile.Y1, 1e-9);
    }

    /// <summary>From a model's tags to the run's events and back from their JSON: corners in order, on the image itself.</summary>
    [Fact]
    public async Task Run_QuadOnAFlippedTile_CornersAreOnTheImageAndInTheEvents()
    {
        await using var bench = new RunBench(Saying("EXIT<loc_199><loc_99><loc_399><loc_149><loc_349><loc_299><loc_149><loc_249>")) { ModelId = "florence-2" };
        var request = Viewing(bench.AddImage(200, 200), new ViewSpec { Area = ViewArea.TopRight, Flip = true });

        var events = await bench.RunAsync(request with { Prompt = "<OCR_WITH_REGION>" });

        var found = Assert.Single(events.OfType<RegionFound>());
        var kept = (RegionFound)JsonSerializer.Deserialize<RunEvent>(JsonSerializer.Serialize<RunEvent>(found, MuseJson.Options), MuseJson.Options)!;
        // Half a bin further than the numbers; of the right 60 % of the image, mirrored.
        double[] expected = [1 - (0.6 * 0.1995), 0.6 * 0.0995, 1 - (0.6 * 0.3995), 0.6 * 0.1495, 1 - (0.6 * 0.3495), 0.6 * 0.2995, 1 - (0.6 * 0.1495), 0.6 * 0.2495];
        Assert.Equal(expected, kept.Region.Polygon!.Value, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal((expected[2], expected[1], expected[6], expected[5]), (kept.Region.X0, kept.Region.Y0, kept.Region.X1, kept.Region.Y1));
        Assert.Equal("EXIT", kept.Region.Label);
    }

    [Fact]
    public async Task Run_Views_AreRecordedAsSeen()
    {
        await using var bench = new RunBench(Saying("3"));
        var image = bench.AddImage(200, 100);

        var events = await bench.RunAsync(Viewing(image, null, new() { Area = ViewArea.Drawn, Tone = ViewTone.Darker }) with { Crops = [new(0, new(0.5, 0.5, 1, 1))] });

        var started = events.OfType<AgentStarted>().OrderBy(e => e.Agent).ToArray();
        Assert.Null(started[0].Seen);
        Assert.Equal(new SeenImage(new(0.5, 0.5, 1, 1), false, ViewTone.Darker, 100, 50), Assert.Single(started[1].Seen!.Value));
    }

    [Fact]
    public async Task Run_PictureCanNotBeMade_AgentFailsOthersGoOn()
    {
        await using var bench = new RunBench(Saying("3")) { RenderFailure = new ImageRenderException("No engine.") };
        var image = bench.AddImage();

        var events = await bench.RunAsync(Viewing(image, null, new() { Flip = true }));

        var finished = events.OfType<AgentFinished>().OrderBy(e => e.Agent).ToArray();
        Assert.Equal((AgentOutcome.Answered, null), (finished[0].Outcome, finished[0].Error));
        Assert.Equal((AgentOutcome.Failed, "No engine."), (finished[1].Outcome, finished[1].Error));
    }

    private static RunRequest Viewing(ImageRef image, params ViewSpec?[] views)
    {
        var request = RunBench.Request(views.Length, "How many?", image);
        return request with { Team = request.Team with { Agents = [.. request.Team.Agents.Select((agent, i) => agent with { View = views[i] })] } };
    }
}
