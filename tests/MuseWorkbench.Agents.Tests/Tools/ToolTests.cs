using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Tools;

public class ToolTests
{
    private static readonly ITool[] s_tools = [.. new ServiceCollection().AddLogging().AddMuseAgents()
        .AddSingleton<IImageStore>(new RunBench(ScriptedChatClient.Saying(""))).BuildServiceProvider().GetServices<ITool>()];

    public static TheoryData<string> Names => [.. ToolNames.All];

    [Fact]
    public void Tools_Registered_AreThoseThatAreNamed() =>
        Assert.Equal(ToolNames.All.Order(), s_tools.Select(tool => tool.Definition.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_AnyTool_IsClosedAndDescribesEachArgument(string name)
    {
        var schema = Tool(name).Definition.Schema();

        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        Assert.All(schema.GetProperty("properties").EnumerateObject(), property => Assert.NotEmpty(property.Value.GetProperty("description").GetString()!));
    }

    /// <summary>A thousand broken calls of each tool: each is told, none throws.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Call_MutatedArguments_AreToldNeverThrown(string name)
    {
        var random = new Random(name.Length);
        const string Sample = "{\"box\":[1,2,3,4],\"items\":[\"egg\"],\"expression\":\"1+1\",\"column\":\"a\",\"value\":\"\\ud800\",\"image\":1e400,\"detail\":null}";
        for (var i = 0; i < 1000; i++)
        {
            var text = Sample.ToCharArray();
            for (var edits = random.Next(1, 12); edits > 0; edits--)
                text[random.Next(text.Length)] = (char)random.Next(32, 127);

            var result = await ToolBench.CallAsync(Tool(name), new string(text[..random.Next(1, text.Length)]), ToolBench.Seeing(null, 100, 100));

            Assert.True(result.IsError, result.Text);
        }
    }

    [Theory]
    [InlineData("{\"box\":[0,0,100]}")]
    [InlineData("{\"box\":[0,0,100,1001]}")]
    [InlineData("{\"box\":[0,0,100,\"9\"]}")]
    [InlineData("{\"box\":[0,0,100,100],\"image\":1.5}")]
    [InlineData("{\"box\":[0,0,100,100],\"image\":2}")]
    [InlineData("{\"box\":[0,0,100,100],\"box\":[0,0,1,1]}")]
    [InlineData("{\"box\":[0,0,100,100],\"path\":\"/etc/passwd\"}")]
    [InlineData("{\"box\":[5,5,5,5]}")]
    public async Task Crop_WrongArguments_Refused(string arguments)
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying(""));

        Assert.True((await ToolBench.CallAsync(new Crop(bench, bench), arguments, ToolBench.Seeing(null, 400, 200))).IsError);
        Assert.Empty(bench.Rendered);
    }

    [Fact]
    public async Task Crop_OfAFlippedTile_IsThatPartOfTheImageSeenTheSameWay()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying(""));
        var view = new ViewSpec { Area = ViewArea.TopLeft, Flip = true, Tone = ViewTone.Grey };

        var result = await ToolBench.CallAsync(new Crop(bench, bench), "{\"box\":[0,0,500,1000]}", ToolBench.Seeing(view, 1000, 1000));

        // The left half of the mirrored tile is the right half of the tile.
        var frame = Assert.Single(bench.Rendered);
        Assert.Equal((300, 0, 300, 600), (frame.Left, frame.Top, frame.Width, frame.Height));
        Assert.Equal((true, ViewTone.Grey, 500, 1000), (frame.Flip, frame.Tone, frame.ShownWidth, frame.ShownHeight));
        Assert.Equal(frame.ToString(), System.Text.Encoding.UTF8.GetString(result.Picture!.Encoded.Span));
    }

    [Fact]
    public async Task Crop_MorePicturesThanAllowed_Refused()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying(""));
        var context = ToolBench.Seeing(null, 400, 200, pictures: 1);

        Assert.False((await ToolBench.CallAsync(new Crop(bench, bench), "{\"box\":[0,0,500,500]}", context)).IsError);
        Assert.True((await ToolBench.CallAsync(new Crop(bench, bench), "{\"box\":[0,0,500,500]}", context)).IsError);
    }

    [Fact]
    public async Task Measure_WholeOfALargeImage_AsksForAFrameThatServersTake()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying("3"));

        var result = await ToolBench.CallAsync(new Measure(bench), "{\"box\":[0,0,1000,1000]}", ToolBench.Seeing(null, 3000, 1500));

        Assert.False(result.IsError);
        Assert.InRange(Assert.Single(bench.Rendered).ShownWidth, 1, ViewFrame.MaxShownSide);
    }

    [Fact]
    public async Task Measure_TwoPlaces_SizeColourDistanceInPixelsOfTheImage()
    {
        await using var bench = new RunBench(ScriptedChatClient.Saying(""));

        var result = await ToolBench.CallAsync(new Measure(bench), "{\"box\":[0,0,100,200],\"other\":[400,0,500,200]}", ToolBench.Seeing(null, 400, 200));

        Assert.Equal(
            "Size: 40 × 40 pixels, 2 % of the image. Mean colour: red 10, green 20, blue 30 of 255. Distance: 160 pixels between the centres, 120 between the nearest edges.",
            result.Text);
    }

    [Fact]
    public async Task Nutrition_Items_KilocaloriesOfAPiece() =>
        Assert.Equal(
            new ToolResult("{\"apple\":95,\"Eggs\":78,\"cookie\":160,\"grapes\":62}"),
            await ToolBench.CallAsync(new NutritionLookup(), "{\"items\":[\"apple\",\"Eggs\",\"cookie\",\"grapes\"]}"));

    [Fact]
    public async Task Nutrition_Detail_PerPieceAndPerHundredGramsWithTheSource()
    {
        var result = await ToolBench.CallAsync(new NutritionLookup(), "{\"items\":[\"egg\"],\"detail\":true}");

        Assert.Equal(
            "egg (Egg, whole, cooked, hard-boiled): 100 g 155 kcal, carbohydrate 1.1 g, protein 12.6 g, fat 10.6 g; a piece (large, 50 g) 78 kcal, carbohydrate 0.6 g, protein 6.3 g, fat 5.3 g.\nSource: USDA FoodData Central, SR Legacy.",
            result.Text);
    }

    [Fact]
    public async Task Nutrition_UnknownFood_SaysWhatIsKnown()
    {
        var result = await ToolBench.CallAsync(new NutritionLookup(), "{\"items\":[\"apple\",\"durian\"]}");

        Assert.True(result.IsError);
        Assert.StartsWith("Not in the table: durian. Known: apple, banana,", result.Text, StringComparison.Ordinal);
    }

    /// <summary>Energy follows from what a food holds: 4, 4 and 9 kcal a gram, within what fibre and rounding leave.</summary>
    [Fact]
    public void FoodTable_EveryFood_AddsUp()
    {
        Assert.All(FoodTable.All, food =>
        {
            Assert.InRange(food.Carbohydrate + food.Protein + food.Fat, 0, 100);
            // By difference, a lemon's citric acid is carbohydrate, too, of 2.48 kcal a gram.
            var reckoned = ((food.Name == "lemon" ? 2.48 : 4) * food.Carbohydrate) + (4 * food.Protein) + (9 * food.Fat);
            Assert.True(Math.Abs(reckoned - food.Kilocalories) <= 8 + (0.12 * food.Kilocalories), $"{food.Name}: {reckoned:0} against {food.Kilocalories:0}");
        });
        Assert.Equal(FoodTable.All.Length, FoodTable.All.Select(food => food.FdcId).Distinct().Count());
    }

    /// <summary>What the bundled model can be shown to eat, it may look up: its kinds of food as its training names them.</summary>
    [Fact]
    public async Task FoodTable_FoodsOfTheBundledModel_AreAllThere()
    {
        var sprites = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "training", "sprites.py"), TestContext.Current.CancellationToken);
        var energy = Regex.Match(sprites, @"^ENERGY = \{(.+?)^\}", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
        string[] foods = [.. Regex.Matches(energy, "\"([a-z ]+)\":").Select(match => match.Groups[1].Value)];

        Assert.Equal(16, foods.Length);
        Assert.All(foods, food => Assert.NotNull(FoodTable.Find(food)));
    }

    [Theory]
    [InlineData("{}", "4: egg 2, tomato 1, without a label 1")]
    [InlineData("{\"label\":\"eggs\"}", "2")]
    [InlineData("{\"label\":\"spoon\"}", "0")]
    public async Task CountRegions_NamedTwice_CountsOnce(string arguments, string counted)
    {
        var context = new ToolContext
        {
            TakePicture = () => false,
            Regions =
            [
                new("egg", 0, 0, 0.2, 0.2), new("Egg", 0.01, 0, 0.21, 0.2), new("egg", 0.5, 0.5, 0.7, 0.7), new("tomato", 0, 0, 0.2, 0.2), new("", 0.8, 0.8, 1, 1),
            ],
        };

        Assert.Equal(new ToolResult(counted), await ToolBench.CallAsync(new CountRegions(), arguments, context));
    }

    [Theory]
    [InlineData("{\"column\":\"name\",\"value\":\" EGG \"}", "Name: egg, Price: 0.30", false)]
    [InlineData("{\"column\":\"Name\",\"value\":\"e\",\"part\":true}", "Name: egg, Price: 0.30\nName: apple; red, Price: 0.50", false)]
    [InlineData("{\"column\":\"Name\",\"value\":\"kiwi\"}", "No row.", false)]
    [InlineData("{\"column\":\"Cost\",\"value\":\"1\"}", "There is no such column. Columns: Name, Price.", true)]
    [InlineData("{\"column\":\"Name\",\"value\":\"egg\",\"table\":\"other.csv\"}", "There is no such table: \"prices.csv\".", true)]
    public async Task TableLookup_OneTable_FindsRows(string arguments, string said, bool isError)
    {
        var context = new ToolContext { TakePicture = () => false, Tables = [new("prices.csv", "\uFEFFName,Price\r\negg,0.30\r\n\"apple; red\",0.50\r\n")] };

        Assert.Equal(new ToolResult(said, isError), await ToolBench.CallAsync(new TableLookup(), arguments, context));
    }

    [Fact]
    public async Task TableLookup_NoTable_SaysSo() =>
        Assert.Equal(ToolResult.Error("No table is attached to this run."), await ToolBench.CallAsync(new TableLookup(), "{\"column\":\"a\",\"value\":\"b\"}"));

    [Fact]
    public async Task Call_LongResult_IsCutAndSaysSo()
    {
        var head = "a" + string.Concat(Enumerable.Range(0, 30).Select(i => $",column {i}"));
        var row = "x" + string.Concat(Enumerable.Repeat($",{new string('y', 40)}", 30));
        var context = new ToolContext { TakePicture = () => false, Tables = [new("t.csv", string.Join('\n', Enumerable.Repeat(row, 20).Prepend(head)))] };

        var result = await ToolBench.CallAsync(new TableLookup(), "{\"column\":\"a\",\"value\":\"x\"}", context);

        Assert.InRange(result.Text.Length, ToolLimits.ResultLength, ToolLimits.ResultLength + 80);
        Assert.EndsWith("characters long)", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_TakesTooLong_EndsAndTheModelIsTold()
    {
        var time = new FakeTimeProvider();
        await using var bench = new RunBench(ScriptedChatClient.Saying("")) { RenderGate = _ => Task.Delay(Timeout.Infinite, CancellationToken.None) };

        var call = ToolBench.CallAsync(new Crop(bench, bench), "{\"box\":[0,0,500,500]}", ToolBench.Seeing(null, 400, 200), time);
        time.Advance(ToolLimits.Time);

        Assert.Equal(ToolResult.Error("The tool crop took longer than 20 s."), await call);
    }

    [Theory]
    [InlineData("", "it is empty; its first line must name the columns")]
    [InlineData("a,a\n1,2", "two of its columns have one name")]
    [InlineData("a,\n1,2", "its first line must name every column, in at most 100 characters")]
    [InlineData("a\0b", "it is not text")]
    public void Csv_CanNotBeUsed_SaysWhy(string csv, string fault) => Assert.Equal(fault, CsvTable.Read(csv).Fault);

    [Theory]
    [InlineData("a;b\n1;\"2;3\"\n")]
    [InlineData("a\tb\n1\t2;3\n")]
    [InlineData("\"a\",b\n1,2;3")]
    public void Csv_AnySeparator_IsRead(string csv)
    {
        var table = CsvTable.Read(csv).Table!;

        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal(["1", "2;3"], Assert.Single(table.Rows));
    }

    [Fact]
    public void Csv_TooLarge_SaysSo()
    {
        Assert.Contains("characters long", CsvTable.Read(new string('x', CsvTable.MaxLength + 1)).Fault, StringComparison.Ordinal);
        Assert.Contains("more than 5,000 rows", CsvTable.Read("a\n" + string.Concat(Enumerable.Repeat("1\n", 5_001))).Fault, StringComparison.Ordinal);
        Assert.Contains("65 columns", CsvTable.Read(string.Join(',', Enumerable.Range(0, 65))).Fault, StringComparison.Ordinal);
    }

    private static ITool Tool(string name) => s_tools.Single(tool => tool.Definition.Name == name);
}
