using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Views;

/// <summary>Places named once an agent has looked closer: mapped to the image where it says so, else to none.</summary>
public class CloseUpTests
{
    // On the canvas: the left half of the top half, but for half a bin at each edge.
    private const string TopLeft = "<loc0000><loc0000><loc0480><loc0480>";
    private const double First = 16 / 1024.0, Last = 496 / 1024.0;

    [Fact]
    public async Task Run_InTheCloseUp_RegionIsInTheCroppedPart()
    {
        var events = await CropAsync("muse-mini", $"<think>I see in the close-up egg{TopLeft}.</think>1");

        AssertBox(0.5 + (0.5 * First), 0.5 + (0.5 * First), 0.5 + (0.5 * Last), 0.5 + (0.5 * Last), Assert.Single(events.OfType<RegionFound>()).Region);
        Assert.Equal("egg", Assert.Single(events.OfType<RegionFound>()).Region.Label);
    }

    /// <summary>The crop is asked for on a mirrored tile, and seen mirrored, too.</summary>
    [Fact]
    public async Task Run_CloseUpOfAFlippedTile_RegionIsMirroredAndOffset()
    {
        var events = await CropAsync("muse-mini", $"<think>I see in the close-up egg{TopLeft}.</think>1", new ViewSpec { Area = ViewArea.TopLeft, Flip = true });

        // The right bottom quarter of the mirrored tile is the left bottom one of the tile.
        AssertBox(0.3 * (1 - Last), 0.3 + (0.3 * First), 0.3 * (1 - First), 0.3 + (0.3 * Last), Assert.Single(events.OfType<RegionFound>()).Region);
    }

    /// <summary>A part four times as wide as high lies in the middle of the square a model sees.</summary>
    [Fact]
    public async Task Run_WideCloseUp_PaddingIsTakenOff()
    {
        const string Middle = "<loc0480><loc0000><loc0512><loc0992>"; // centres of bins at 496 and 528: the middle 1/32 of the canvas
        var events = await CropAsync("muse-mini", $"<think>I see in the close-up egg{Middle}.</think>1", box: "[0,0,1000,250]");

        AssertBox(First, 0.25 * (0.5 - (4 / 64.0)), 1 - First, 0.25 * (0.5 + (4 / 64.0)), Assert.Single(events.OfType<RegionFound>()).Region);
    }

    [Theory]
    [InlineData("muse-mini", $"<think>I see in the close-up egg{TopLeft}. Then egg{TopLeft}.</think>{TopLeft} egg", 1)] // after the sentence it could be either
    [InlineData("muse-mini", $"<think>I see egg{TopLeft}.</think>1", 0)] // it lists either, and both, without a word
    [InlineData("qwen3-vl", """[{"bbox_2d":[0,0,500,500],"label":"egg"}]""", 0)] // its format names no picture
    public async Task Run_PictureNotCertain_NoRegion(string model, string said, int regions) =>
        Assert.Equal(regions, (await CropAsync(model, said)).OfType<RegionFound>().Count());

    [Fact]
    public async Task Run_TwoCloseUps_NoRegion()
    {
        var events = await CropAsync("muse-mini", $"<think>I see in the close-up egg{TopLeft}.</think>1", crops: 2);

        Assert.Equal(2, events.OfType<ToolReturned>().Count());
        Assert.Empty(events.OfType<RegionFound>());
    }

    /// <summary>Before the crop there is one image; what a family without words for pictures names is in it.</summary>
    [Fact]
    public async Task Run_PlaceBeforeTheCrop_RegionIsInTheImage()
    {
        var events = await CropAsync("qwen3-vl", "1", before: """{"bbox_2d":[0,0,500,500],"label":"egg"} """);

        AssertBox(0, 0, 0.5, 0.5, Assert.Single(events.OfType<RegionFound>()).Region);
    }

    [Fact]
    public async Task Run_NumberOfThePicture_RegionIsInThatPicture()
    {
        var events = await CropAsync("molmo2", "<points coords=\"1 1 500 500;2 1 500 500;3 1 500 500\">egg</points>");

        var regions = events.OfType<RegionFound>().Select(found => found.Region).ToArray();
        Assert.Equal(2, regions.Length);
        AssertBox(0.5, 0.5, 0.5, 0.5, regions[0]);
        AssertBox(0.75, 0.75, 0.75, 0.75, regions[1]);
    }

    [Theory]
    [InlineData("""[{"bbox_2d":[0,0,500,500],"label":"egg","image":2}]""", 0.5, 0.75)]
    [InlineData("""{"image":2,"things":[{"bbox_2d":[0,0,500,500],"label":"egg"}]}""", 0.5, 0.75)] // said once, of all that it holds
    [InlineData("""[{"image":1,"bbox_2d":[0,0,500,500],"label":"egg"}]""", 0, 0.5)]
    public async Task Run_JsonSaysThePicture_RegionIsInThatPicture(string said, double from, double to)
    {
        var events = await CropAsync("qwen3-vl", said);

        AssertBox(from, from, to, to, Assert.Single(events.OfType<RegionFound>()).Region);
    }

    [Theory]
    [InlineData("qwen3-vl", "3")]
    [InlineData("qwen3-vl", "0")]
    [InlineData("qwen3-vl", "1.5")]
    [InlineData("qwen2.5-vl", "2")] // its numbers are pixels of a picture whose size isn't known
    public async Task Run_JsonSaysAPictureThatIsNone_NoRegion(string model, string picture) =>
        Assert.Empty((await CropAsync(model, $$"""[{"bbox_2d":[0,0,500,500],"label":"egg","image":{{picture}}}]""")).OfType<RegionFound>());

    [Fact]
    public async Task Run_Cropped_TheModelIsToldThePicturesNumberWhereItCanSayIt()
    {
        Assert.Equal("The picture from crop. It is picture 2: put \"image\": 2 beside a place in it, \"image\": 1 beside one in the first image.", await ToldAsync("qwen3-vl", 1));
        Assert.Equal("The pictures from crop, in the order of the calls. They are pictures 2 to 3: put \"image\": 2 beside a place in the first of them, \"image\": 1 beside one in the first image.", await ToldAsync("gemma-4", 2));
        Assert.Equal("The picture from crop.", await ToldAsync("muse-mini", 1));

        static async Task<string> ToldAsync(string model, int crops)
        {
            var told = "";
            await CropAsync(model, "1", crops: crops, asked: messages => told = messages[^1].Contents.OfType<TextContent>().Single().Text);
            return told;
        }
    }

    [Theory]
    [InlineData("in the close-up ", 1)]
    [InlineData("", 0)] // taken to be the first
    public async Task Run_TwoImages_TheCloseUpIsTheSecond(string words, int image)
    {
        await using var bench = new RunBench(Saying($"<think>I see {words}egg{TopLeft}.</think>1"));

        var events = await bench.RunAsync(RunBench.Request(1, "What is in the close-up?", bench.AddImage(), bench.AddImage()));

        Assert.Equal(image, Assert.Single(events.OfType<RegionFound>()).Region.ImageIndex);
    }

    /// <summary>A run over one image whose agent crops it, by default to its right bottom quarter, then says what it says.</summary>
    private static async Task<List<RunEvent>> CropAsync(
        string model, string said, ViewSpec? view = null, int crops = 1, string before = "", string box = "[500,500,1000,1000]",
        Action<IReadOnlyList<ChatMessage>>? asked = null)
    {
        var script = new ScriptedChatClient(call => call.Messages.Count == 1 ? Look() : Answer(call.Messages));
        await using var bench = new RunBench(script) { ModelId = model };
        var request = RunBench.Request(1, "How many?", bench.AddImage(1000, 1000));
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { Tools = ["crop"], View = view }] } };

        return await bench.RunAsync(request);

        IAsyncEnumerable<ChatResponseUpdate> Answer(IReadOnlyList<ChatMessage> messages)
        {
            asked?.Invoke(messages);
            return Tokens(said);
        }

        IAsyncEnumerable<ChatResponseUpdate> Look()
        {
            var calls = Enumerable.Range(0, crops).Select(i => new FunctionCallContent($"call-{i}", "crop") { RawRepresentation = $$"""{"box":{{box}}}""" });
            return new[] { Text(before), new ChatResponseUpdate(ChatRole.Assistant, [.. calls]) }.ToAsyncEnumerable();
        }
    }

    private static void AssertBox(double x0, double y0, double x1, double y1, Region region)
    {
        Assert.Equal([x0, y0, x1, y1], new[] { region.X0, region.Y0, region.X1, region.Y1 }, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(0, region.ImageIndex);
    }
}
