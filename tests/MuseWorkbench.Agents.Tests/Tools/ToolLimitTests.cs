using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Tools;

/// <summary>What docs/tools.md says tools cost at most: the last that is served, and the first that is not.</summary>
public class ToolLimitTests
{
    private const string Add = "{\"expression\":\"1\"}";
    private const string Look = "{\"box\":[0,0,500,500]}";

    /// <summary>Eight a turn, three turns: the twenty-fifth call is one too many. Eight turns end an agent before it could make more.</summary>
    [Fact]
    public async Task Calls_OfAnAgent_TwentyFourAreServed()
    {
        var events = await RunAsync("calculator", [8, 8, 8, 1], Add);

        Assert.Equal([.. Enumerable.Repeat(false, 24), true], events.OfType<ToolReturned>().Select(e => e.IsError));
        Assert.Equal("You have made 24 calls, which is all there are. Answer now.", events.OfType<ToolReturned>().Last().Result);
        Assert.Equal(AgentOutcome.Answered, Assert.Single(events.OfType<AgentFinished>()).Outcome);
    }

    [Fact]
    public async Task Calls_OfATurn_EightAreServed()
    {
        var events = await RunAsync("calculator", [9], Add);

        Assert.Equal([.. Enumerable.Repeat(false, 8), true], events.OfType<ToolReturned>().OrderBy(e => e.IsError).Select(e => e.IsError));
        Assert.Equal("At most 8 calls are served at a time; make this one again.", events.OfType<ToolReturned>().Single(e => e.IsError).Result);
    }

    [Fact]
    public async Task Pictures_OfAnAgent_FourAreGiven()
    {
        var events = await RunAsync("crop", [2, 2, 1], Look);

        Assert.Equal([false, false, false, false, true], events.OfType<ToolReturned>().Select(e => e.IsError));
        Assert.Equal(4, events.OfType<ToolReturned>().Count(e => e.Image is not null));
    }

    [Fact]
    public async Task FaultyTurns_InARow_TwoAreForgiven()
    {
        var events = await RunAsync("calculator", [1, 1], "{}");

        Assert.Equal(AgentOutcome.Answered, Assert.Single(events.OfType<AgentFinished>()).Outcome);
        Assert.Equal(AgentOutcome.Failed, Assert.Single((await RunAsync("calculator", [1, 1, 1], "{}")).OfType<AgentFinished>()).Outcome);
    }

    [Theory]
    [InlineData(ToolLimits.ArgumentLength, false)]
    [InlineData(ToolLimits.ArgumentLength + 1, true)]
    public async Task Arguments_Length_AtTheEdge(int length, bool isError)
    {
        var arguments = Add.PadRight(length);

        Assert.Equal(isError, (await ToolBench.CallAsync(new Calculator(), arguments)).IsError);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(ToolLimits.ListItems, false)]
    [InlineData(ToolLimits.ListItems + 1, true)]
    [InlineData(0, true)]
    public async Task Items_OfAList_AtTheEdge(int count, bool isError)
    {
        var items = string.Join(',', Enumerable.Repeat("\"egg\"", count));

        Assert.Equal(isError, (await ToolBench.CallAsync(new NutritionLookup(), $$"""{"items":[{{items}}]}""")).IsError);
    }

    [Theory]
    [InlineData("[0,0,1000,1000]", "Size: 400 × 200 pixels, 100 % of the image.")]
    [InlineData("[1000,1000,0,0]", "Size: 400 × 200 pixels, 100 % of the image.")]
    [InlineData("[999,999,1000,1000]", "Size: 0 × 0 pixels, 0 % of the image.")]
    [InlineData("[0,0,1000,1000.5]", "must be a list of four numbers from 0 to 1000")]
    [InlineData("[-1,0,1000,1000]", "must be a list of four numbers from 0 to 1000")]
    public async Task Box_OfMeasure_AtTheEdges(string box, string said)
    {
        await using var bench = new RunBench(Saying(""));

        Assert.Contains(said, (await ToolBench.CallAsync(new Measure(bench), $$"""{"box":{{box}}}""", ToolBench.Seeing(null, 400, 200))).Text, StringComparison.Ordinal);
    }

    /// <summary>A part smaller than a picture may be is widened, one as large as the image is not enlarged.</summary>
    [Theory]
    [InlineData("[0,0,1000,1000]", 400, 200, 400, 200)]
    [InlineData("[0,0,1,1]", 16, 16, 64, 64)]
    [InlineData("[999,999,1000,1000]", 16, 16, 64, 64)]
    public async Task Box_OfCrop_AtTheEdges(string box, int width, int height, int shownWidth, int shownHeight)
    {
        await using var bench = new RunBench(Saying(""));

        await ToolBench.CallAsync(new Crop(bench, bench), $$"""{"box":{{box}}}""", ToolBench.Seeing(null, 400, 200));

        var frame = Assert.Single(bench.Rendered);
        Assert.Equal((width, height, shownWidth, shownHeight), (frame.Width, frame.Height, frame.ShownWidth, frame.ShownHeight));
        Assert.True(frame.Left >= 0 && frame.Top >= 0 && frame.Left + frame.Width <= 400 && frame.Top + frame.Height <= 200);
    }

    [Theory]
    [InlineData(20, "a: x", 20)]
    [InlineData(21, "21 rows, the first 20:", 21)]
    public async Task Rows_OfALookup_TwentyAreGiven(int rows, string first, int lines)
    {
        var context = new ToolContext { TakePicture = () => false, Tables = [new("t.csv", "a\n" + string.Concat(Enumerable.Repeat("x\n", rows)))] };

        var said = (await ToolBench.CallAsync(new TableLookup(), "{\"column\":\"a\",\"value\":\"x\"}", context)).Text.Split('\n');

        Assert.Equal((first, lines), (said[0], said.Length));
    }

    /// <summary>One column of one letter a line, but for a last cell that fills the rest.</summary>
    [Theory]
    [InlineData(5_000, CsvTable.MaxLength, null)]
    [InlineData(5_001, 20_000, "it has more than 5,000 rows")]
    [InlineData(10, CsvTable.MaxLength + 1, "it is 262,145 characters long; at most 262,144 are allowed")]
    public void Table_RowsAndLength_AtTheEdge(int rows, int length, string? fault)
    {
        var csv = "a\n" + string.Concat(Enumerable.Repeat("1\n", rows - 1));

        Assert.Equal(fault, CsvTable.Read(csv.PadRight(length, 'x')).Fault);
    }

    [Theory]
    [InlineData(64, 100, null)]
    [InlineData(65, 1, "it has 65 columns; at most 64 are allowed")]
    [InlineData(1, 101, "its first line must name every column, in at most 100 characters")]
    public void Table_Columns_AtTheEdge(int columns, int length, string? fault) =>
        Assert.Equal(fault, CsvTable.Read(string.Join(',', Enumerable.Range(0, columns).Select(i => $"{i}".PadLeft(length, 'c')))).Fault);

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, "5 tables are too many; at most 4 are allowed.")]
    public void Tables_OfARun_AtTheEdge(int count, string? fault) =>
        Assert.Equal(fault, CsvTable.Fault([.. Enumerable.Range(0, count).Select(i => new TableFile($"{i}.csv", "a\n1"))]));

    [Theory]
    [InlineData(ToolLimits.ResultLength, false)]
    [InlineData(ToolLimits.ResultLength + 1, true)]
    public async Task Result_Length_AtTheEdge(int length, bool isCut)
    {
        var result = await ToolBench.CallAsync(new Echo(new string('x', length)), "{}");

        Assert.Equal(isCut ? $"{new string('x', ToolLimits.ResultLength)}… (cut: the result is {length} characters long)" : new string('x', length), result.Text);
    }

    /// <summary>An agent that makes so many calls in each of its turns, then answers.</summary>
    private static async Task<List<RunEvent>> RunAsync(string tool, int[] callsByTurn, string arguments)
    {
        var turn = 0;
        var model = new ScriptedChatClient(_ => turn < callsByTurn.Length ? Calls(callsByTurn[turn++]) : Tokens("3"));
        await using var bench = new RunBench(model);
        var request = RunBench.Request(1, "How many?", bench.AddImage());

        return await bench.RunAsync(request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { Tools = [tool] }] } });

        IAsyncEnumerable<ChatResponseUpdate> Calls(int count) => new[]
        {
            new ChatResponseUpdate(ChatRole.Assistant, [.. Enumerable.Range(0, count).Select(i => CallArguments.Call($"call-{turn}-{i}", tool, arguments))]),
        }.ToAsyncEnumerable();
    }

    private sealed class Echo(string text) : ITool
    {
        public ToolDefinition Definition { get; } = new("echo", "Says the same.", []);

        public ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken) => new(new ToolResult(text));
    }
}
