using System.Net;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class OutputFormatTests
{
    [Theory]
    [InlineData("""{"type":"json_object"}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x"}}""")]
    public async Task Complete_ResponseFormat_ReachesTheEngine(string format)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync($"\"response_format\":{format}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var constraint = Assert.Single(node.Engine.Requests).Sampling.Constraint;
        Assert.NotNull(constraint);
        Assert.Null(constraint.Trigger);
    }

    [Fact]
    public async Task Complete_Grammar_IsOneForAllSequences()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"grammar\":\"root ::= \\\"yes\\\" | \\\"no\\\"\",\"response_format\":{\"type\":\"text\"},\"n\":2");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var grammars = node.Engine.Requests.Select(request => request.Sampling.Constraint?.Grammar).ToList();
        Assert.Equal(2, grammars.Count);
        Assert.NotNull(Assert.Single(grammars.Distinct()));
    }

    [Theory]
    [InlineData("""{"type":"xml"}""", "response_format.type", "json_schema")]
    [InlineData("""{"type":5}""", "response_format.type", "string")]
    [InlineData("""{}""", "response_format.type", "text")]
    [InlineData("[]", "response_format", "object")]
    [InlineData("""{"type":"json_schema"}""", "response_format.json_schema", "schema")]
    [InlineData("""{"type":"json_schema","json_schema":[]}""", "response_format.json_schema", "schema")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":5}}""", "response_format.json_schema.name", "string")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","strict":1}}""", "response_format.json_schema.strict", "true")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":5}}""", "response_format", "object")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"a":{"type":"number","multipleOf":2}}}}}""", "response_format", "#/properties/a': the keyword 'multipleOf'")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":{"$ref":"#"}}}""", "response_format", "left recursion")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":{"enum":["\ud800"]}}}""", null, "valid")]
    public async Task Complete_BadFormat_Gives400(string format, string? param, string expected)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync($"\"response_format\":{format}");
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string?)error["param"]);
        Assert.Contains(expected, (string)error["message"]!, StringComparison.Ordinal);
        Assert.Empty(node.Engine.Requests);
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"},\"grammar\":\"root ::= [a]\"", "response_format")]
    [InlineData("\"grammar\":\"root ::= [a]\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", "tools")]
    [InlineData("\"grammar\":\"\\n\\nroot ::= \\\"a\\\"{0,100000}\"", "grammar")]
    [InlineData("\"grammar\":\"\"", "grammar")]
    public async Task Complete_FormatsThatContradictOrHarm_Give400(string more, string param)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync(more);
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal((param, "invalid_value"), ((string?)error["param"], (string?)error["code"]));
    }
}
