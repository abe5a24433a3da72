using System.Net;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class ToolCallTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"add","description":"Adds.","parameters":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}}},{"type":"function","function":{"name":"stop"}}]
        """;
    private static readonly string[] s_call = ["<think>2<tool_call>", "</think>", "<tool", "_call>{\"name\":\"add\",", "\"arguments\":{\"x\":1}}</tool_", "call>"];

    [Fact]
    public async Task Complete_Call_IsTakenOutOfTheContent()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, [.. s_call, "\n<tool_call>{\"name\":\"stop\",\"arguments\":{}}</tool_call>"]);

        using var response = await node.AskAsync(Tools);
        var choice = (await response.JsonAsync())["choices"]![0]!;

        Assert.Equal("tool_calls", (string)choice["finish_reason"]!);
        Assert.Equal("<think>2<tool_call></think>", (string)choice["message"]!["content"]!);
        var calls = choice["message"]!["tool_calls"]!.AsArray();
        Assert.Equal([("function", "add", "{\"x\":1}"), ("function", "stop", "{}")], calls.Select(c => ((string)c!["type"]!, (string)c["function"]!["name"]!, (string)c["function"]!["arguments"]!)));
        Assert.Equal(2, calls.Select(c => (string)c!["id"]!).Distinct().Count());
    }

    [Theory]
    [InlineData(Tools, true)]
    [InlineData(Tools + ",\"tool_choice\":\"none\"", false)]
    [InlineData("\"cache_answer\":true", true)]
    [InlineData("\"cache_answer\":false", false)]
    public async Task Complete_NextTurnMayFollow_AnswerIsKept(string parameters, bool kept)
    {
        await using var node = await TestNode.StartAsync();

        (await node.AskAsync(parameters)).Dispose();

        Assert.Equal(kept, Assert.Single(node.Engine.Requests).KeepAnswer);
    }

    [Fact]
    public async Task Stream_Call_ComesWithItsIndex()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, s_call);

        using var response = await node.AskAsync(Tools + ",\"stream\":true");
        var chunks = await response.ChunksAsync();

        Assert.Equal("<think>2<tool_call></think>", string.Concat(chunks.Select(c => (string?)c["choices"]![0]!["delta"]!["content"])));
        var call = Assert.Single(chunks.SelectMany(c => c["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []))!;
        Assert.Equal((0, "add", "{\"x\":1}"), ((int)call["index"]!, (string)call["function"]!["name"]!, (string)call["function"]!["arguments"]!));
        Assert.Equal("tool_calls", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);
    }

    [Theory]
    [InlineData("<tool_call>{\"name\":\"add\"}</tool_call>")]
    [InlineData("<tool_call>{\"name\":\"other\",\"arguments\":{}}</tool_call>")]
    [InlineData("<tool_call>{\"name\":\"add\",\"arguments\":[]}</tool_call>")]
    [InlineData("<tool_call>nothing</tool_call> and")]
    [InlineData("<tool_call>{\"name\":\"add\",\"argum")]
    [InlineData("a < b <tool")]
    public async Task Complete_NoWholeCall_StaysContent(string text)
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, [.. text.Select(c => c.ToString())]);

        using var response = await node.AskAsync(Tools);
        var choice = (await response.JsonAsync())["choices"]![0]!;

        Assert.Equal(text, (string)choice["message"]!["content"]!);
        Assert.Equal("stop", (string)choice["finish_reason"]!);
        Assert.Null(choice["message"]!["tool_calls"]);
    }

    public static TheoryData<string, string, string, string[]> OtherFormats() => new()
    {
        { "listed", "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"x\": 1}, \"id\": \"abcdefgh1\"}, {\"name\": \"stop\", \"arguments\": {}}]", "", ["add {\"x\": 1}", "stop {}"] },
        { "listed", "Let me see.[TOOL_CALLS][{\"name\":\"stop\",\"arguments\":{}}]", "Let me see.", ["stop {}"] },
        { "listed", "[TOOL_CALLS][{\"name\":\"stop\",\"arguments\":{}},{\"name\":\"no\",\"arguments\":{}}]", "[TOOL_CALLS][{\"name\":\"stop\",\"arguments\":{}},{\"name\":\"no\",\"arguments\":{}}]", [] },
        { "listed", "a[0] and [TOOL", "a[0] and [TOOL", [] },
        { "named", "[TOOL_CALLS]add[ARGS]{\"x\": 1}[TOOL_CALLS]stop[ARGS]{}", "", ["add {\"x\": 1}", "stop {}"] },
        { "named", "[TOOL_CALLS]stop[CALL_ID]abcdefgh1[ARGS]{}", "", ["stop {}"] },
        { "named", "[TOOL_CALLS]stop", "[TOOL_CALLS]stop", [] },
        { "bare", "\n{\"name\": \"add\", \"parameters\": {\"x\": 1}}", "\n", ["add {\"x\": 1}"] },
        { "bare", "<|python_tag|>{\"name\": \"stop\", \"parameters\": {}}", "", ["stop {}"] },
        { "bare", "<think>{\"name\":\"stop\",\"parameters\":{}}</think>{\"name\":\"stop\",\"parameters\":{}}", "<think>{\"name\":\"stop\",\"parameters\":{}}</think>", ["stop {}"] },
        { "bare", "It is {\"name\": \"stop\", \"parameters\": {}}", "It is {\"name\": \"stop\", \"parameters\": {}}", [] },
        { "bare", "{\"eggs\": 3}", "{\"eggs\": 3}", [] },
    };

    [Theory]
    [MemberData(nameof(OtherFormats))]
    public async Task Complete_AnotherFormat_IsReadAsTheModelWritesIt(string format, string said, string content, string[] calls)
    {
        await using var node = await TestNode.StartAsync(new FakeEngine { ToolCalls = Format(format) });
        node.Engine.Script = (request, _) => FakeEngine.Say(request, [.. said.Select(c => c.ToString())]);

        using var response = await node.AskAsync(Tools);
        var choice = (await response.JsonAsync())["choices"]![0]!;

        Assert.Equal(calls, choice["message"]!["tool_calls"]?.AsArray().Select(c => $"{c!["function"]!["name"]} {c["function"]!["arguments"]}") ?? []);
        Assert.Equal(content, (string?)choice["message"]!["content"] ?? "");
        Assert.Equal(calls.Length > 0 ? "tool_calls" : "stop", (string)choice["finish_reason"]!);
    }

    [Theory]
    [InlineData("listed", "\"auto\"", true, "[TOOL_CALLS]")]
    [InlineData("named", "\"required\"", true, null)]
    [InlineData("bare", "\"required\"", true, null)]
    [InlineData("bare", "\"auto\"", false, null)]
    public async Task Complete_AnotherFormat_DecidesWhatTheGrammarWaitsFor(string format, string choice, bool held, string? trigger)
    {
        await using var node = await TestNode.StartAsync(new FakeEngine { ToolCalls = Format(format) });

        (await node.AskAsync($"{Tools},\"tool_choice\":{choice}")).Dispose();

        var constraint = Assert.Single(node.Engine.Requests).Sampling.Constraint;
        Assert.Equal((held, trigger), (constraint is not null, constraint?.Trigger));
    }

    [Theory]
    [InlineData("\"stream\":false")]
    [InlineData(Tools + ",\"tool_choice\":\"none\"")]
    public async Task Complete_NoToolsToCall_PassesTheTextAsItIs(string more)
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, s_call);

        using var response = await node.AskAsync(more);

        Assert.Equal(string.Concat(s_call), (string)(await response.JsonAsync())["choices"]![0]!["message"]!["content"]!);
        Assert.Null(Assert.Single(node.Engine.Requests).Sampling.Constraint);
    }

    [Theory]
    [InlineData("", "<tool_call>")]
    [InlineData(",\"tool_choice\":\"auto\"", "<tool_call>")]
    [InlineData(",\"tool_choice\":\"required\",\"parallel_tool_calls\":false", null)]
    [InlineData(",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"add\"}}", null)]
    public async Task Complete_Choice_DecidesWhenTheGrammarHolds(string choice, string? trigger)
    {
        await using var node = await TestNode.StartAsync();

        (await node.AskAsync(Tools + choice)).Dispose();

        var constraint = Assert.Single(node.Engine.Requests).Sampling.Constraint;
        Assert.NotNull(constraint);
        Assert.Equal(trigger, constraint.Trigger);
    }

    [Fact]
    public async Task Complete_CallsAndAnswersInMessages_ReachTheTemplate()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync("""
            {"messages":[{"role":"user","content":"1+1"},
             {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"x\":1}"}}]},
             {"role":"tool","tool_call_id":"c1","name":"add","content":"2"}]}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var turns = node.Engine.Chats.Single().Turns;
        var call = Assert.Single(turns[1].ToolCalls);
        Assert.Equal(("c1", "add", 1, "hm"), (call.Id, call.Name, call.Arguments.GetProperty("x").GetInt32(), turns[1].ReasoningContent));
        Assert.Equal(("c1", "add"), (turns[2].ToolCallId, turns[2].Name));
    }

    [Theory]
    [InlineData("\"tools\":{}", "tools")]
    [InlineData("\"tools\":[5]", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"retrieval\"}]", "tools[0]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":[]}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"x\"}}}]", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}},{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "tools[1].function.name")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData(Tools + ",\"tool_choice\":\"maybe\"", "tool_choice")]
    [InlineData(Tools + ",\"tool_choice\":5", "tool_choice")]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\"}", "tool_choice")]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"no\"}}", "tool_choice")]
    [InlineData(Tools + ",\"parallel_tool_calls\":1", "parallel_tool_calls")]
    public async Task Complete_BadTools_Give400(string more, string param)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync(more);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string?)(await response.JsonAsync())["error"]!["param"]);
    }

    [Theory]
    [InlineData("""{"role":"assistant","tool_calls":{}}""", "messages[0].tool_calls")]
    [InlineData("""{"role":"assistant","tool_calls":[]}""", "messages[0].content")]
    [InlineData("""{"role":"assistant","tool_calls":[5]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"role":"user","content":"x","tool_calls":[{}]}""", "messages[0].tool_calls")]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":{}}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"[1"}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"user","content":"x","tool_call_id":"1"}""", "messages[0].tool_call_id")]
    [InlineData("""{"role":"assistant","content":"x","function_call":{}}""", "messages[0].function_call")]
    public async Task Complete_BadCallsInMessages_Give400(string message, string param)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync($$"""{"messages":[{{message}}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string?)(await response.JsonAsync())["error"]!["param"]);
    }

    private static ToolCallFormat Format(string name) =>
        new[] { ToolCallFormat.Tagged, ToolCallFormat.Listed, ToolCallFormat.Named, ToolCallFormat.Bare }.Single(format => format.Name == name);
}
