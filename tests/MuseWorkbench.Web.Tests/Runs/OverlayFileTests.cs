using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Runs.Overlay;
using MuseWorkbench.Web.Features.Workbench;
using MuseWorkbench.Web.Shared;
using MuseWorkbench.Web.Tests.Components;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Runs;

/// <summary>What agents saw, as files, over HTTP.</summary>
public sealed class OverlayFileTests
{
    private const string Hostile = "\"/><script>alert(1)</script><image href=\"http://evil.test/x\"/>]]>&#x3C;\u0001\ud800 egg";

    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Coco_BoxPointPolygon_IdsPixelsAreasAndCategories()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench);

        using var response = await workbench.Owner.GetAsync($"/api/runs/{script.Id}/overlay.coco.json", Test);
        var coco = JsonElement.Parse(await response.Content.ReadAsStringAsync(Test));

        AssertFile(response, "application/json", $"run-{script.Id}.coco.json");
        var (width, height) = (script.Request.Images[0].Width, script.Request.Images[0].Height);
        var images = coco.GetProperty("images").EnumerateArray().ToArray();
        Assert.Equal((1, width, height, "table.png"), (images[0].GetProperty("id").GetInt32(), images[0].GetProperty("width").GetInt32(), images[0].GetProperty("height").GetInt32(), images[0].GetProperty("file_name").GetString()));
        var categories = coco.GetProperty("categories").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetInt32(), c => c.GetProperty("name").GetString()!);
        var annotations = coco.GetProperty("annotations").EnumerateArray().ToArray();
        Assert.Equal([1, 2, 3, 4], annotations.Select(a => a.GetProperty("id").GetInt32()));
        Assert.All(annotations, a =>
        {
            Assert.Contains(a.GetProperty("image_id").GetInt32(), images.Select(i => i.GetProperty("id").GetInt32()));
            Assert.Contains(a.GetProperty("category_id").GetInt32(), categories.Keys);
            var box = Numbers(a.GetProperty("bbox"));
            Assert.Equal(4, box.Length);
            Assert.True(box[0] >= 0 && box[1] >= 0 && box[2] >= 0 && box[3] >= 0 && box[0] + box[2] <= width + 0.01 && box[1] + box[3] <= height + 0.01, string.Join(' ', box));
            Assert.Equal(0, a.GetProperty("iscrowd").GetInt32());
        });
        Assert.Equal([0.1 * width, 0.1 * height, 0.2 * width, 0.2 * height], Numbers(annotations[0].GetProperty("bbox")), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.Equal(0.2 * width * 0.2 * height, annotations[0].GetProperty("area").GetDouble(), 2);
        Assert.Equal("egg", categories[annotations[0].GetProperty("category_id").GetInt32()]);
        Assert.Equal(annotations[0].GetProperty("category_id").GetInt32(), annotations[1].GetProperty("category_id").GetInt32());
        // A right triangle covers half its box.
        Assert.Equal(0.5 * 0.4 * width * 0.4 * height, annotations[2].GetProperty("area").GetDouble(), 2);
        Assert.Equal(6, Numbers(annotations[2].GetProperty("segmentation")[0]).Length);
        Assert.Equal([0.5 * width, 0.25 * height, 2], Numbers(annotations[3].GetProperty("keypoints")), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.Equal(0, annotations[3].GetProperty("area").GetDouble());
    }

    [Fact]
    public async Task Svg_HostileLabels_AreTextInAWellFormedDrawingWithTheImageInside()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench, Hostile);

        using var response = await workbench.Owner.GetAsync($"/api/runs/{script.Id}/overlay.svg?image=0&boxes=all", Test);
        var text = await response.Content.ReadAsStringAsync(Test);
        var svg = XDocument.Parse(text).Root!;

        AssertFile(response, "image/svg+xml", $"run-{script.Id}-image-1.svg");
        Assert.Equal([s_svg + "circle", s_svg + "image", s_svg + "polygon", s_svg + "rect", s_svg + "svg", s_svg + "text", s_svg + "title"], svg.DescendantsAndSelf().Select(e => e.Name).Distinct().OrderBy(n => n.LocalName, StringComparer.Ordinal));
        Assert.Equal($"0 0 {script.Request.Images[0].Width} {script.Request.Images[0].Height}", svg.Attribute("viewBox")!.Value);
        Assert.StartsWith("data:image/png;base64,iVBORw0K", svg.Element(s_svg + "image")!.Attribute("href")!.Value, StringComparison.Ordinal);
        Assert.Contains(svg.Descendants(s_svg + "text"), label => label.Value.Contains("<script>alert(1)</script>", StringComparison.Ordinal));
        // Nothing but the embedded image is referred to, and nothing runs.
        Assert.Single(svg.DescendantsAndSelf().Attributes(), a => a.Name.LocalName is "href" or "src" || a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain('\u0001', text);
    }

    [Fact]
    public async Task Svg_Order_NumbersOneAgentsPlacesInItsOrderAndJoinsThem()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench, Hostile);

        var first = await DrawingAsync(workbench, script, "order");
        var second = await DrawingAsync(workbench, script, "order&agent=1");

        Assert.Equal(["1", "2"], first.Descendants(s_svg + "text").Select(number => number.Value));
        Assert.Equal(["2. roof"], first.Descendants(s_svg + "g").Select(step => step.Element(s_svg + "title")!.Value).Skip(1));
        Assert.Equal(2, first.Descendants(s_svg + "polygon").Count()); // its line and the light one around it
        var (width, height) = (script.Request.Images[0].Width, script.Request.Images[0].Height);
        // From the middle of the one to the middle of the other.
        Assert.All(first.Descendants(s_svg + "path"), way => Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"M{0.2 * width:0.##} {0.2 * height:0.##}L{0.4 * width:0.##} {0.4 * height:0.##}"), way.Attribute("d")!.Value));
        Assert.Equal("2. tip", second.Descendants(s_svg + "g").Last().Element(s_svg + "title")!.Value);
        Assert.Empty(second.Descendants(s_svg + "polygon"));
    }

    [Fact]
    public async Task Svg_Heat_CellsLieWhereAgentsLookAndSayHowMany()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench);

        var svg = await DrawingAsync(workbench, script, "heat");

        var (width, height) = (script.Request.Images[0].Width, script.Request.Images[0].Height);
        var cells = svg.Descendants(s_svg + "rect").Skip(1).ToArray(); // the first is the veil
        Assert.Equal("2 of 2 agents look here", TitleAt(0.15, 0.15));
        Assert.Equal("1 of 2 agents look here", TitleAt(0.4, 0.4));
        Assert.Null(TitleAt(0.8, 0.8));
        Assert.Equal(["#2a5bd7", "#ffd83d"], cells.Select(cell => cell.Attribute("fill")!.Value).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(svg.Descendants(s_svg + "text"));

        string? TitleAt(double x, double y) => cells.SingleOrDefault(cell =>
            At(cell, "x") <= x * width && x * width < At(cell, "x") + At(cell, "width") && At(cell, "y") <= y * height && y * height < At(cell, "y") + At(cell, "height"))?.Element(s_svg + "title")!.Value;
        static double At(XElement cell, string name) => double.Parse(cell.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Svg_Off_IsTheImageAlone()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench);

        var svg = await DrawingAsync(workbench, script, "off");

        Assert.Equal([s_svg + "title", s_svg + "image"], svg.Elements().Select(e => e.Name));
    }

    [Theory]
    [InlineData(0, "#2a5bd7")]
    [InlineData(0.5, "#91a3aa")]
    [InlineData(1, "#ffd83d")]
    public void Heat_Colours_AreTheBrowsersMixture(double share, string colour) => Assert.Equal(colour, OverlayHeat.Colour(share));

    [Fact]
    public async Task Png_NodeAtHand_GetsImageAndDrawingAndItsPictureComesBack()
    {
        var painter = new FakePainter();
        await using var workbench = await TestWorkbench.StartAsync(configure: builder => builder.Services.AddSingleton<IOverlayPainter>(painter));
        var script = await KeepAsync(workbench);

        using var response = await workbench.Owner.GetAsync($"/api/runs/{script.Id}/overlay.png", Test);

        AssertFile(response, "image/png", $"run-{script.Id}-image-1.png");
        Assert.Equal(FakePainter.Picture, await response.Content.ReadAsByteArrayAsync(Test));
        Assert.DoesNotContain("<image", painter.Svg, StringComparison.Ordinal);
        Assert.Contains("<rect", painter.Svg, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("overlay.png", HttpStatusCode.ServiceUnavailable)] // no node here
    [InlineData("overlay.svg?image=7", HttpStatusCode.NotFound)]
    [InlineData("overlay.svg?image=-1", HttpStatusCode.NotFound)]
    [InlineData("overlay.svg?boxes=some", HttpStatusCode.BadRequest)]
    [InlineData("overlay.svg?boxes=order&agent=2", HttpStatusCode.NotFound)]
    [InlineData("overlay.svg?boxes=order&agent=-1", HttpStatusCode.NotFound)]
    public async Task Overlay_CantBeMade_SaysWhy(string file, HttpStatusCode status)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var script = await KeepAsync(workbench);

        using var response = await workbench.Owner.GetAsync($"/api/runs/{script.Id}/{file}", Test);
        using var unknown = await workbench.Owner.GetAsync($"/api/runs/{Guid.NewGuid()}/{file}", Test);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEmpty(JsonElement.Parse(await response.Content.ReadAsStringAsync(Test)).GetProperty("error").GetProperty("message").GetString()!);
        Assert.False(unknown.IsSuccessStatusCode);
    }

    [Fact]
    public void LabelLayout_CrowdedPlace_LabelsStayInsideAndApart()
    {
        var layout = new LabelLayout(400, 200);
        var placed = Enumerable.Range(0, 40).Select(i => layout.Place(100 + i, 50, 180 + i, 120, 90, 18)).OfType<LabelBox>().ToArray();

        Assert.InRange(placed.Length, 4, 39);
        Assert.All(placed, label => Assert.True(label.X >= 0 && label.Y >= 0 && label.X + label.Width <= 400 && label.Y + label.Height <= 200));
        Assert.All(placed, label => Assert.DoesNotContain(placed, other => other != label && label.Meets(other)));
    }

    [Fact]
    public void Palette_LightColours_AreTheStyleSheets()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
        {
            folder = folder.Parent!;
        }

        var css = File.ReadAllText(Path.Combine(folder.FullName, "wwwroot", "css", "tokens.css"));
        for (var agent = 0; agent < AgentPalette.Size; agent++)
        {
            var token = Regex.Match(css, $@"--a{agent + 1}: light-dark\((#\w+), #\w+\);\s+--a{agent + 1}i: light-dark\((#\w+),");
            Assert.Equal((token.Groups[1].Value, token.Groups[2].Value), AgentPalette.Light(AgentPalette.Class(agent)));
        }
    }

    private static async Task<XElement> DrawingAsync(TestWorkbench workbench, RunScript script, string boxes) =>
        XDocument.Parse(await workbench.Owner.GetStringAsync($"/api/runs/{script.Id}/overlay.svg?boxes={boxes}", Test)).Root!;

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(n => n.GetDouble())];

    private static void AssertFile(HttpResponseMessage response, string type, string name)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("attachment", name), (response.Content.Headers.ContentDisposition!.DispositionType, response.Content.Headers.ContentDisposition.FileName));
    }

    /// <summary>A run over a kept image: two agents' eggs, a triangle, a point.</summary>
    private static async Task<RunScript> KeepAsync(TestWorkbench workbench, string label = "egg")
    {
        var image = workbench.App.Services.GetRequiredService<IImageLibrary>().Samples[0].Image;
        var script = new RunScript(2)
            .See(0, 1, label, 0).See(1, 1, label, 0)
            .Add(Found(0, 2, new Region("roof", 0.2, 0.2, 0.6, 0.6) { Polygon = [0.2, 0.2, 0.6, 0.2, 0.2, 0.6] }))
            .Add(Found(1, 2, new Region("tip", 0.5, 0.25, 0.5, 0.25)))
            .Answer(0, "2").Final(FinalOutcome.Single, "2", 1, ("2", [0])).Finish();
        script.Request = script.Request with { Images = [image with { Name = "table.png" }] };
        RunEvent[] events = [((RunStarted)script.Events[0]) with { Request = script.Request }, .. script.Events.Skip(1)];
        await workbench.App.Services.GetRequiredService<IRunStore>().AppendAsync(events, Test);
        return script;
    }

    private static RegionFound Found(int agent, int ordinal, Region region) =>
        new() { Agent = agent, Ordinal = ordinal, Region = region, Channel = TextChannel.Answer, TextStart = 0, TextLength = 0 };

    private sealed class FakePainter : IOverlayPainter
    {
        public static readonly byte[] Picture = [1, 2, 3];

        public string Svg { get; private set; } = "";

        public Task<byte[]> PaintAsync(ReadOnlyMemory<byte> image, string svg, CancellationToken cancellationToken)
        {
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], image.Span[..4].ToArray());
            Svg = svg;
            return Task.FromResult(Picture);
        }
    }
}
