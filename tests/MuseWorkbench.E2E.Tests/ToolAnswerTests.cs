using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// Tools the bundled model never calls, one at a time, by a model that knows nothing but what they give back: what it answers
/// is in their results, and what it named in a part it was shown lies there on the image.
/// </summary>
public sealed class ToolAnswerTests(BrowserFixture fixture, ScriptedProduct product) : IClassFixture<ScriptedProduct>
{
    /// <summary>Two eggs, one of them named twice, and a tomato.</summary>
    private const string Named = """
        [{"bbox_2d":[0,0,100,100],"label":"egg"},{"bbox_2d":[2,0,102,100],"label":"egg"},{"bbox_2d":[500,500,600,600],"label":"egg"},{"bbox_2d":[700,0,800,100],"label":"tomato"}]
        """;

    private static readonly Dictionary<string, Use> s_uses = new()
    {
        ["measure"] = new(
            """{"box":[200,200,400,600],"other":[600,200,800,600]}""",
            "Size: 40 × 40 pixels, 8 % of the image. Mean colour: red 201, green 103, blue 51 of 255. Distance: 80 pixels between the centres, 40 between the nearest edges.",
            "(?<=red )[0-9]+", "201",
            """{"box":[200,200,400]}""",
            "\"box\" must be a list of four numbers from 0 to 1000: left, top, right, bottom. measure takes box, other (optional), image (optional)."),
        ["table_lookup"] = new(
            """{"column":"name","value":"Egg"}""",
            "Name: egg, Price: 0.30",
            "(?<=Price: )[0-9.]+", "0.30",
            """{"column":"name"}""",
            "\"value\" is missing. table_lookup takes column, value, part (optional), table (optional)."),
        ["count_regions"] = new(
            """{"label":"egg"}""",
            "2",
            "[0-9]+", "2",
            """{"label":["egg"]}""",
            "\"label\" must be text of at most 200 characters. count_regions takes label (optional).") { Said = Named },
    };

    /// <summary>Each tool, called in the server's own field and in the model's text.</summary>
    public static TheoryData<string, bool> Calls
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var tool in s_uses.Keys)
            {
                data.Add(tool, false);
                data.Add(tool, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_OfAnyTool_IsRunAndAnsweredFromItsResult(string tool, bool inText)
    {
        var use = s_uses[tool];

        var run = await product.RunAsync(ScriptedProduct.Qwen, tool, messages => ScriptedRun.ResultIn(messages) is { } result
            ? use.Answered(result)
            : ScriptedRun.Call(tool, use.Arguments, use.Said, inText));

        var offered = Assert.Single(run.Requests[0]["tools"]!.AsArray())!["function"]!;
        Assert.Equal(tool, offered["name"]!.GetValue<string>());
        Assert.All(JsonNode.Parse(use.Arguments)!.AsObject(), argument => Assert.NotNull(offered["parameters"]!["properties"]![argument.Key]));
        if (tool == "table_lookup")
            Assert.EndsWith("Table \"prices.csv\": Name, Price.", offered["description"]!.GetValue<string>(), StringComparison.Ordinal);
        var called = Assert.Single(run.Of("tool.called"));
        Assert.Equal((tool, use.Arguments), (called["tool"]!.GetValue<string>(), called["arguments"]!.GetValue<string>()));
        var returned = Assert.Single(run.Of("tool.returned"));
        Assert.Equal((called["callId"]!.GetValue<string>(), use.Result), (returned["callId"]!.GetValue<string>(), returned["result"]!.GetValue<string>()));
        Assert.False(returned["isError"]!.GetValue<bool>());
        Assert.Equal($"It is {use.Answer}.", run.Answer);

        var page = await OpenAsync(run);
        await Expect(page.Locator($"article.panel details.call[data-call={tool}] .result")).ToHaveTextAsync($"→ {use.Result}");
        await Expect(page.Locator("article.panel .ans")).ToContainTextAsync($"It is {use.Answer}.");
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_Malformed_GoesBackAndIsMended(string tool, bool inText)
    {
        var use = s_uses[tool];

        var run = await product.RunAsync(ScriptedProduct.Qwen, tool, messages => ScriptedRun.ResultIn(messages) switch
        {
            null => ScriptedRun.Call(tool, use.Malformed, use.Said, inText),
            var fault when fault.StartsWith("Error: ", StringComparison.Ordinal) => ScriptedRun.Call(tool, use.Arguments, inText: inText),
            var result => use.Answered(result),
        });

        Assert.Equal(3, run.Requests.Count);
        Assert.Equal($"Error: {use.Fault}", ScriptedRun.ResultIn(run.Requests[1]["messages"]!.AsArray()));
        Assert.Equal([(use.Fault, true), (use.Result, false)], run.Of("tool.returned").Select(e => (e["result"]!.GetValue<string>(), e["isError"]!.GetValue<bool>())));
        Assert.Equal($"It is {use.Answer}.", run.Answer);
    }

    /// <summary>The square is looked for in the very picture that was sent, and pointed at there.</summary>
    [Fact]
    public async Task Place_NumberedAsInTheCroppedPart_LiesThereOnTheImage()
    {
        var run = await product.RunAsync(ScriptedProduct.Molmo, "crop", messages => ScriptedRun.ResultIn(messages) is null
            ? ScriptedRun.Call("crop", """{"box":[150,100,550,700]}""")
            : ScriptedRun.Say($"<points coords=\"2 1 {Middle(Picture(messages))}\">square</points>"));

        // The square's middle, 60 of 200 pixels from the left and 40 of 100 from the top.
        var found = Assert.Single(run.Of("region.found"))["region"]!;
        Assert.InRange(found["x0"]!.GetValue<double>(), 0.295, 0.305);
        Assert.InRange(found["y0"]!.GetValue<double>(), 0.39, 0.41);
        Assert.Equal((found["x0"]!.GetValue<double>(), 0), (found["x1"]!.GetValue<double>(), found["imageIndex"]!.GetValue<int>()));

        var page = await OpenAsync(run);
        await Expect(page.Locator(".stage .bx-tag")).ToContainTextAsync("square");
        var drawn = await page.EvaluateAsync<double[]>("""
            () => {
              // A point is a line of no length with round ends.
              const shown = document.querySelector('.stage .frame img').getBoundingClientRect();
              const mark = [...document.querySelectorAll('.stage svg .line.pt')].find(line => line.checkVisibility()).getBoundingClientRect();
              return [(mark.x - shown.x) / shown.width, (mark.y - shown.y) / shown.height];
            }
            """);
        Assert.InRange(drawn[0], 0.29, 0.31);
        Assert.InRange(drawn[1], 0.38, 0.42);
    }

    /// <summary>A family that can't say which picture it means: better no place than one that may be elsewhere.</summary>
    [Fact]
    public async Task Place_AfterACropOfNoSaidPicture_IsNotShown()
    {
        var run = await product.RunAsync(ScriptedProduct.Qwen, "crop", messages => ScriptedRun.ResultIn(messages) is null
            ? ScriptedRun.Call("crop", """{"box":[150,100,550,700]}""", """{"bbox_2d":[200,200,400,600],"label":"before"}""")
            : ScriptedRun.Say("""{"bbox_2d":[100,100,800,800],"label":"after"}"""));

        Assert.Equal("before", Assert.Single(run.Of("region.found"))["region"]!["label"]!.GetValue<string>());
        await Expect((await OpenAsync(run)).Locator(".stage .bx-tag")).ToHaveTextAsync("before");
    }

    private async Task<IPage> OpenAsync(ScriptedRun run)
    {
        var page = await (await product.Workbench.BrowseAsync(fixture.Browser)).NewPageAsync();
        await page.GotoAsync(product.Workbench.Url.ToString());
        await page.GotoAsync(new Uri(product.Workbench.Url, $"/runs/{run.Id}").ToString());
        return page;
    }

    /// <summary>The picture in the latest message.</summary>
    private static PngPixels Picture(JsonArray messages)
    {
        var address = messages[^1]!["content"]!.AsArray().Single(part => part!["type"]!.GetValue<string>() == "image_url")!["image_url"]!["url"]!.GetValue<string>();
        return new PngPixels(Convert.FromBase64String(address[(address.IndexOf(',', StringComparison.Ordinal) + 1)..]));
    }

    /// <summary>Of what is red in it, in thousandths, x before y.</summary>
    private static string Middle(PngPixels picture)
    {
        var red = (from y in Enumerable.Range(0, picture.Height) from x in Enumerable.Range(0, picture.Width) where picture.Red(x, y) > 110 select (X: x + 0.5, Y: y + 0.5)).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{1000 * red.Average(at => at.X) / picture.Width:0} {1000 * red.Average(at => at.Y) / picture.Height:0}");
    }

    /// <summary>How a tool is used.</summary>
    /// <param name="Arguments">A call's.</param>
    /// <param name="Result">What it gives back.</param>
    /// <param name="Number">Finds the number in it that the answer needs.</param>
    /// <param name="Answer">That number.</param>
    /// <param name="Malformed">Arguments it does not take.</param>
    /// <param name="Fault">What is told of them.</param>
    private sealed record Use(string Arguments, string Result, string Number, string Answer, string Malformed, string Fault)
    {
        /// <summary>The answer of one who knows nothing but the result.</summary>
        public JsonObject Answered(string result) => ScriptedRun.Say($"It is {Regex.Match(result, Number).Value}.");

        /// <summary>What the agent says before it calls.</summary>
        public string Said { get; init; } = "";
    }
}
