using System.Text.Json;
using System.Text.RegularExpressions;
using Bunit;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.Panels;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Features.Workbench.Viewer;
using MuseWorkbench.Web.Tests.Components;

namespace MuseWorkbench.Web.Tests.Scenes;

public sealed class StructuredAnswerTests : WorkbenchBunit
{
    private const string Food = """{"kind":"food","title":"Breakfast","items":[{"label":"egg","box":[1,2,3,4],"score":7.5,"energyKcal":78,"carbohydrateG":0.6,"proteinG":6.3,"fatG":5.3,"text":"One is enough."},{"label":"bacon","box":[5,6,7,8],"score":2,"energyKcal":120}],"summary":"Fine."}""";

    [Theory]
    [InlineData("{0}")]
    [InlineData("Here it is:\n```json\n{0}\n```\nEnjoy!")]
    [InlineData("Grüße 🍳 {so} {0}")]
    public void Read_ObjectAmongWords_ItemsAndTheirSpans(string around)
    {
        var text = around.Replace("{0}", Food, StringComparison.Ordinal);
        var answer = StructuredAnswerReader.Read(text)!;

        Assert.Equal((SceneKind.Food, "Breakfast", "Fine.", 2), (answer.Kind, answer.Title, answer.Summary, answer.Items.Length));
        Assert.Equal((7.5, 78, 0.6, 6.3, 5.3, "One is enough."), (answer.Items[0].Score, answer.Items[0].EnergyKcal, answer.Items[0].CarbohydrateG, answer.Items[0].ProteinG, answer.Items[0].FatG, answer.Items[0].Text));
        Assert.Null(answer.Items[1].ProteinG);
        Assert.StartsWith("{\"label\":\"bacon\"", text[answer.Items[1].Start..answer.Items[1].End], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("334 kcal")]
    [InlineData("")]
    [InlineData("""{"kind":"weather","items":[{"label":"sun"}]}""")]
    [InlineData("""{"kind":"food","items":[]}""")]
    [InlineData("""{"kind":"food","items":"egg"}""")]
    [InlineData("""{"kind":"food","items":[{"name":"egg"},3,null]}""")]
    [InlineData("""{"kind":"food","items":[{"label":"egg"}""")]
    [InlineData("""{"kind":7,"items":[{"label":"egg"}]}""")]
    [InlineData("""["kind"] {a} {"kind":"food"}""")]
    [InlineData("""{"kind":"food","items":[{"label":"egg","a":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}]}""")]
    public void Read_AnythingElse_StaysText(string text) => Assert.Null(StructuredAnswerReader.Read(text));

    [Theory]
    [InlineData("3 eggs", "3 eggs")]
    [InlineData(Food, "Breakfast")]
    [InlineData("""{"kind":"steps","items":[{"label":"a"}]}""", "1 step")]
    [InlineData("""{"kind":"values","items":[{"label":"a"},{"label":"b"}]}""", "2 values")]
    public void Brief_Answer_FewWords(string answer, string brief) => Assert.Equal(brief, StructuredAnswerReader.Brief(answer));

    [Fact]
    public void Read_HostileNumbersAndTexts_Bounded()
    {
        var text = $$"""{"kind":"food","title":7,"items":[{"label":"{{new string('x', 5000)}}","score":99,"energyKcal":-1,"proteinG":1e300,"fatG":"5"}{{string.Concat(Enumerable.Repeat(""",{"label":"y","score":-3}""", 500))}}]}""";
        var answer = StructuredAnswerReader.Read(text)!;

        Assert.Equal(64, answer.Items.Length);
        Assert.True(answer.Items[0].Label.Length <= 401);
        Assert.Equal((10, null, null, null), (answer.Items[0].Score, answer.Items[0].EnergyKcal, answer.Items[0].ProteinG, answer.Items[0].FatG));
        Assert.Equal(0, answer.Items[1].Score);
        Assert.Null(StructuredAnswerReader.Read(text + new string(' ', 70_000)));
    }

    [Fact]
    public void Read_DocumentsExamples_AreWhatTheySay()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MuseWorkbench.sln")))
        {
            folder = folder.Parent!;
        }

        var examples = Regex.Matches(File.ReadAllText(Path.Combine(folder.FullName, "docs", "structured-answers.md")), "```json\\n(\\{\"kind\".+)\\n```");

        Assert.Equal([SceneKind.Food, SceneKind.Steps, SceneKind.Values], examples.Select(example => StructuredAnswerReader.Read(example.Groups[1].Value)!.Kind));
    }

    [Fact]
    public void Scene_PlacesInItems_PinsListAndWordsShareAKey()
    {
        var script = Scripted(Food, ("egg", 0.1), ("bacon", 0.6));

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));
        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal(["7.5", "2"], frame.FindAll(".pin").Select(pin => pin.TextContent));
        Assert.Contains("good", frame.FindAll(".pin")[0].ClassList);
        Assert.Contains("poor", frame.FindAll(".pin")[1].ClassList);
        Assert.Equal("egg: 7.5 of 10", frame.Find(".pin").GetAttribute("aria-label"));
        Assert.Equal("Energy78 kcalCarbohydrate0.6 gProtein6.3 gFat5.3 g", frame.Find(".facts dl").TextContent.Replace("\n", "", StringComparison.Ordinal).Replace("  ", "", StringComparison.Ordinal).Trim());
        Assert.Equal(frame.Find(".pin").GetAttribute("aria-describedby"), frame.Find(".facts").Id);
        Assert.Equal(["0-1", "0-2"], card.FindAll(".item").Select(item => item.GetAttribute("data-region")));
        Assert.Equal(frame.FindAll(".at").Select(pin => pin.GetAttribute("data-region")), card.FindAll(".item").Select(item => item.GetAttribute("data-region")));
        Assert.Contains("198 kcal", card.Find(".total").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Scene_FoodNamedTwiceInOnePlace_OneDot()
    {
        const string Twice = """{"kind":"food","items":[{"label":"egg","score":5},{"label":"Egg","score":5},{"label":"egg","score":6}]}""";
        var script = Scripted(Twice, ("egg", 0.1), ("Egg", 0.11), ("egg", 0.7));

        Assert.Equal(2, script.View.Scene!.Items.Count);
    }

    [Fact]
    public void Scene_StepsAndValues_NumbersAndReadings()
    {
        var steps = Scripted("""{"kind":"steps","items":[{"label":"tank","text":"Fill it."},{"label":"lid","text":"Close it."}]}""", ("tank", 0.1), ("lid", 0.6));
        var values = Scripted("""{"kind":"values","items":[{"label":"2021","value":12.5,"unit":"M€"},{"label":"2022","value":"about a dozen"}]}""", ("2021", 0.1), ("2022", 0.5));

        Assert.Equal(["1", "2"], Pins(steps));
        Assert.Equal(["12.5", "2"], Pins(values));
        Assert.Equal(["201212.5 M€", "2022about a dozen"], Rows(values).Select(row => row.Replace("2021", "2012", StringComparison.Ordinal)));

        IEnumerable<string> Pins(RunScript script) =>
            Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View)).FindAll(".pin").Select(pin => pin.TextContent);

        IEnumerable<string> Rows(RunScript script) =>
            Render<SceneList>(p => p.Add(x => x.Scene, script.View.Scene!)).FindAll("tr.item").Select(row => row.TextContent.Trim());
    }

    [Fact]
    public void Scene_PlainAnswer_None()
    {
        var script = new RunScript(1).Answer(0, "3 eggs").Final(FinalOutcome.Single, "3 eggs", 1, ("3 eggs", [0])).Finish();

        Assert.Null(script.View.Scene);
        Assert.Null(script.View.Agents[0].Scene);
    }

    [Fact]
    public void Scene_EnergyAsText_FoodsCarryWhatTheTableSays()
    {
        var script = new RunScript(2).Think(0, "egg, chair").See(0, 1, "egg", 0).See(0, 2, "egg", 0, 0.6).See(0, 3, "egg", 0, 0.61).See(0, 4, "chair", 5, 0.3, 0.6)
            .Answer(0, "156 kcal").Final(FinalOutcome.Majority, "156 kcal", 1, ("156 kcal", [0])).Finish();

        var frame = Render<ImageFrame>(p => p.Add(x => x.Image, RunScript.Image).Add(x => x.ImageIndex, 0).Add(x => x.Run, script.View));
        var card = Render<FinalCard>(p => p.Add(x => x.Run, script.View));

        Assert.Equal(["egg", "egg"], script.View.Scene!.Items.Select(item => item.Item.Label));
        Assert.All(frame.FindAll(".pin"), pin => Assert.Matches(@"^egg: \d+ kilocalories$", pin.GetAttribute("aria-label")!));
        Assert.Contains("USDA", frame.Find(".facts").TextContent, StringComparison.Ordinal);
        // The answer itself stays what it is.
        Assert.Equal("156 kcal", card.Find("p.answer").TextContent);
    }

    [Fact]
    public void Scene_FoodWithoutAmounts_TheTablesWithTheirSource()
    {
        var script = Scripted("""{"kind":"food","items":[{"label":"egg","score":8},{"label":"bacon","score":2},{"label":"apple","energyKcal":1}]}""", ("egg", 0.1));
        var items = script.View.Scene!.Items.Select(item => item.Item).ToArray();

        Assert.NotNull(items[0].FatG);
        Assert.Contains("USDA", items[0].Source, StringComparison.Ordinal);
        Assert.Null(items[1].Source);
        Assert.Equal((1, null, null), (items[2].EnergyKcal, items[2].FatG, items[2].Source));
    }

    [Fact]
    public void Scene_RunResumed_Gone()
    {
        var script = Scripted(Food, ("egg", 0.1));
        script.Add(new RunResumed { Agents = [0] });

        Assert.Null(script.View.Scene);
        Assert.Null(script.View.Agents[0].Scene);
    }

    /// <summary>One agent whose answer names places where its labels stand, in order.</summary>
    private static RunScript Scripted(string answer, params (string Label, double At)[] places)
    {
        var script = new RunScript(1).Add(new AnswerDelta { Agent = 0, Text = answer, Tokens = 20 });
        var from = 0;
        for (var i = 0; i < places.Length; i++)
        {
            from = answer.IndexOf(JsonSerializer.Serialize(places[i].Label), from, StringComparison.Ordinal) + 1;
            script.Add(new RegionFound
            {
                Agent = 0, Ordinal = i + 1, Channel = TextChannel.Answer, TextStart = from, TextLength = places[i].Label.Length,
                Region = new Region(places[i].Label, places[i].At, 0.1, places[i].At + 0.2, 0.3),
            });
        }

        return script.Add(new AgentFinished
        {
            Agent = 0, Outcome = AgentOutcome.Answered, Answer = answer, NormalisedAnswer = answer,
            Usage = new TokenUsage(95, 88, 20), Timings = new AgentTimings(5, 60, 214, 61, 900),
        }).Final(FinalOutcome.Single, answer, 1, (answer, [0])).Finish();
    }
}
