using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;
using static MuseWorkbench.Agents.Tests.Kit.ScriptedChatClient;

namespace MuseWorkbench.Agents.Tests.Runs;

public class ToolLoopTests
{
    private const string CallText = "<think>egg 78; egg 78.</think><tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"78+78\"}}</tool_call>";

    [Fact]
    public async Task Call_Calculator_ResultGoesBackAndAnswerFollows()
    {
        var model = new ScriptedChatClient(call => Tokens(call.Messages.Count == 1 ? CallText : "156 kcal"));
        await using var bench = new RunBench(model);

        var events = await bench.RunAsync(RunBench.Request());

        var called = Assert.Single(events.OfType<ToolCalled>());
        var returned = Assert.Single(events.OfType<ToolReturned>());
        Assert.Equal(("calculator", "{\"expression\":\"78+78\"}"), (called.Tool, called.Arguments));
        Assert.Equal((called.CallId, "156", false), (returned.CallId, returned.Result, returned.IsError));
        Assert.Equal(
            [(ChatRole.User, "How many?"), (ChatRole.Assistant, CallText), (ChatRole.Tool, "156")],
            model.Calls[1].Messages.Select(m => (m.Role, m.Text)));
        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.Answered, "156 kcal"), (finished.Outcome, finished.Answer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ask_ToolsAllowedOrNot_AnswerIsToBeKeptWhereATurnMayFollow(bool allowed)
    {
        var model = new ScriptedChatClient(_ => Tokens("2"));
        await using var bench = new RunBench(model);
        var request = RunBench.Request();

        await bench.RunAsync(request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { Tools = allowed ? ["crop"] : [] }] } });

        Assert.Equal(allowed, Assert.Single(model.Calls).Options.AdditionalProperties!.ContainsKey("cache_answer"));
    }

    [Fact]
    public async Task Call_TwoTurns_UsageSummedAndBudgetShared()
    {
        var model = new ScriptedChatClient(call => Tokens(call.Messages.Count == 1 ? CallText : "156 kcal"));
        await using var bench = new RunBench(model);
        var request = RunBench.Request();
        request = request with { Team = request.Team with { Agents = [request.Team.Agents[0] with { MaxTokens = 300 }] } };

        var events = await bench.RunAsync(request);

        var first = (CallText.Length + 3) / 4;
        Assert.Equal(new TokenUsage(200, 180, first + 2), Assert.Single(events.OfType<AgentFinished>()).Usage);
        Assert.Equal([300, 300 - first], model.Calls.Select(c => c.Options.MaxOutputTokens));
        var end = Assert.Single(events.OfType<RunFinished>());
        Assert.Equal((first + 2, first + 2), (end.TotalTokens, end.CriticalPathTokens));
    }

    [Theory]
    [InlineData("<tool_call>{\"name\":\"oven\",\"arguments\":{}}</tool_call>", "Error: There is no tool named \"oven\". You may call: calculator.")]
    [InlineData("<tool_call>{\"name\":\"crop\",\"arguments\":{\"box\":[0,0,9,9]}}</tool_call>", "Error: The tool crop is not allowed here. You may call: calculator.")]
    [InlineData("<tool_call>{\"name\":\"calculator\"}</tool_call>", "Error: \"expression\" is missing. calculator takes expression.")]
    [InlineData("<tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":7,\"x\":1}}</tool_call>", "Error: \"expression\" must be text of at most 8192 characters. There is no argument \"x\". calculator takes expression.")]
    [InlineData("<tool_call>{oops}</tool_call>", "Error: The tool call is not valid JSON.")]
    [InlineData("<tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"1/0\"}}</tool_call>", "Error: Division by zero.")]
    public async Task Call_CannotBeServed_ModelIsToldAndGoesOn(string text, string told)
    {
        var model = new ScriptedChatClient(call => Tokens(call.Messages.Count == 1 ? text : "never mind"));
        await using var bench = new RunBench(model);

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Equal(told, model.Calls[1].LastText);
        Assert.True(Assert.Single(events.OfType<ToolReturned>()).IsError);
        Assert.Equal(AgentOutcome.Answered, Assert.Single(events.OfType<AgentFinished>()).Outcome);
    }

    [Fact]
    public async Task Call_EveryTurn_EndsAfterEight()
    {
        var model = Saying(CallText);
        await using var bench = new RunBench(model);

        var events = await bench.RunAsync(RunBench.Request());

        Assert.Equal(8, model.Calls.Count);
        var finished = Assert.Single(events.OfType<AgentFinished>());
        Assert.Equal((AgentOutcome.Failed, "The agent kept calling tools and gave no answer."), (finished.Outcome, finished.Error));
    }
}
