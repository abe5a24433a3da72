using System.Net;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class ChatParameterTests
{
    [Theory]
    [InlineData("\"n\":1")]
    [InlineData("\"n\":16")]
    [InlineData("\"n\":2.0")]
    [InlineData("\"n\":null")]
    [InlineData("\"seed\":0")]
    [InlineData("\"seed\":-1")]
    [InlineData("\"seed\":4294967295")]
    [InlineData("\"temperature\":0")]
    [InlineData("\"temperature\":2")]
    [InlineData("\"top_p\":0")]
    [InlineData("\"top_p\":1")]
    [InlineData("\"top_k\":0")]
    [InlineData("\"top_k\":2147483647")]
    [InlineData("\"min_p\":1")]
    [InlineData("\"repeat_penalty\":0.1")]
    [InlineData("\"repeat_penalty\":10")]
    [InlineData("\"frequency_penalty\":-2")]
    [InlineData("\"presence_penalty\":2")]
    [InlineData("\"max_tokens\":1")]
    [InlineData("\"max_tokens\":2147483647")]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":5")]
    [InlineData("\"stop\":\"x\"")]
    [InlineData("\"stop\":[]")]
    [InlineData("\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]")]
    [InlineData("\"logit_bias\":{}")]
    [InlineData("\"logit_bias\":{\"0\":100}")]
    [InlineData("\"logprobs\":false")]
    [InlineData("\"logprobs\":true,\"top_logprobs\":20")]
    [InlineData("\"stream\":false")]
    [InlineData("\"stream_options\":null")]
    [InlineData("\"run_id\":\"r\"")]
    [InlineData("\"agent\":\"a\"")]
    [InlineData("\"priority\":-1000")]
    [InlineData("\"model\":\"\"")]
    [InlineData("\"model\":null")]
    [InlineData("\"user\":5,\"store\":true,\"metadata\":{},\"something_new\":[1]")]
    [InlineData("\"chat_template_kwargs\":{\"enable_thinking\":false}")]
    [InlineData("\"chat_template_kwargs\":null")]
    [InlineData("\"tools\":[],\"response_format\":{\"type\":\"text\"}")]
    public async Task Complete_GoodValue_Succeeds(string more)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync(more);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("run_id", "\"\"", "invalid_value")]
    [InlineData("run_id", "5", "invalid_type")]
    [InlineData("agent", "\"\"", "invalid_value")]
    [InlineData("agent", "5", "invalid_type")]
    [InlineData("priority", "1001", "invalid_value")]
    [InlineData("priority", "\"high\"", "invalid_type")]
    [InlineData("n", "0", "invalid_value")]
    [InlineData("n", "17", "invalid_value")]
    [InlineData("n", "1000000", "invalid_value")]
    [InlineData("n", "-1", "invalid_value")]
    [InlineData("n", "9223372036854775808", "invalid_value")]
    [InlineData("n", "1.5", "invalid_type")]
    [InlineData("n", "\"2\"", "invalid_type")]
    [InlineData("seed", "-2", "invalid_value")]
    [InlineData("seed", "4294967296", "invalid_value")]
    [InlineData("seed", "9223372036854775808", "invalid_value")]
    [InlineData("seed", "true", "invalid_type")]
    [InlineData("temperature", "-0.1", "invalid_value")]
    [InlineData("temperature", "2.01", "invalid_value")]
    [InlineData("temperature", "1e999", "invalid_value")]
    [InlineData("temperature", "\"NaN\"", "invalid_type")]
    [InlineData("top_p", "-0.1", "invalid_value")]
    [InlineData("top_p", "1.1", "invalid_value")]
    [InlineData("top_p", "[]", "invalid_type")]
    [InlineData("top_k", "-1", "invalid_value")]
    [InlineData("top_k", "2147483648", "invalid_value")]
    [InlineData("top_k", "0.5", "invalid_type")]
    [InlineData("min_p", "-1", "invalid_value")]
    [InlineData("min_p", "2", "invalid_value")]
    [InlineData("repeat_penalty", "0", "invalid_value")]
    [InlineData("repeat_penalty", "10.1", "invalid_value")]
    [InlineData("frequency_penalty", "-2.1", "invalid_value")]
    [InlineData("presence_penalty", "2.1", "invalid_value")]
    [InlineData("presence_penalty", "{}", "invalid_type")]
    [InlineData("chat_template_kwargs", "[]", "invalid_type")]
    [InlineData("max_tokens", "0", "invalid_value")]
    [InlineData("max_tokens", "-1", "invalid_value")]
    [InlineData("max_tokens", "9223372036854775808", "invalid_value")]
    [InlineData("max_completion_tokens", "1e300", "invalid_value")]
    [InlineData("max_tokens", "4,\"max_completion_tokens\":5", "invalid_value")]
    [InlineData("stop", "\"\"", "invalid_value")]
    [InlineData("stop", "5", "invalid_value")]
    [InlineData("stop", "[1]", "invalid_value")]
    [InlineData("stop", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "invalid_value")]
    [InlineData("logit_bias", "[[1,2]]", "invalid_type")]
    [InlineData("logit_bias", "{\"-1\":1}", "invalid_value")]
    [InlineData("logit_bias", "{\"x\":1}", "invalid_value")]
    [InlineData("logit_bias", "{\"1\":101}", "invalid_value")]
    [InlineData("logit_bias", "{\"1\":\"1\"}", "invalid_value")]
    [InlineData("logit_bias", "{\"99999999999\":1}", "invalid_value")]
    [InlineData("logprobs", "1", "invalid_type")]
    [InlineData("top_logprobs", "2", "invalid_value")]
    [InlineData("top_logprobs", "21,\"logprobs\":true", "invalid_value")]
    [InlineData("top_logprobs", "-1,\"logprobs\":true", "invalid_value")]
    [InlineData("stream", "\"yes\"", "invalid_type")]
    [InlineData("stream_options", "{}", "invalid_value")]
    [InlineData("stream_options", "[],\"stream\":true", "invalid_type")]
    [InlineData("stream_options.include_usage", null, "invalid_type")]
    [InlineData("return_progress", "0", "invalid_type")]
    [InlineData("cache_answer", "\"yes\"", "invalid_type")]
    [InlineData("model", "[]", "invalid_type")]
    [InlineData("confidence", "1", "invalid_type")]
    [InlineData("confidence_window", "0", "invalid_value")]
    [InlineData("confidence_window", "16", "invalid_value")]
    [InlineData("functions", "{}", "unsupported_parameter")]
    [InlineData("json_schema", "{}", "unsupported_parameter")]
    [InlineData("response_format", "\"json_object\"", "invalid_type")]
    [InlineData("grammar", "5", "invalid_type")]
    [InlineData("grammar", "\"answer ::= [a\"", "invalid_value")]
    public async Task Complete_BadValue_Gives400NamingTheParameter(string name, string? value, string code)
    {
        await using var node = await TestNode.StartAsync();
        var more = value is null ? "\"stream\":true,\"stream_options\":{\"include_usage\":\"x\"}" : $"\"{name}\":{value}";

        using var response = await node.AskAsync(more);
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(("invalid_request_error", name, code), ((string)error["type"]!, (string?)error["param"], (string?)error["code"]));
        Assert.Contains(name, (string)error["message"]!, StringComparison.Ordinal);
        Assert.Empty(node.Engine.Requests);
    }

    [Fact]
    public async Task Complete_SeveralBadValues_NamesThemAll()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"n\":0,\"temperature\":9,\"top_p\":\"x\"");
        var message = (string)(await response.JsonAsync())["error"]!["message"]!;

        Assert.Contains("'n'", message, StringComparison.Ordinal);
        Assert.Contains("'temperature'", message, StringComparison.Ordinal);
        Assert.Contains("'top_p'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Complete_StopTooLong_Gives400()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync($"\"stop\":\"{new string('x', 257)}\"");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Complete_TooManyBiases_Gives400()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync($"\"logit_bias\":{{{string.Join(',', Enumerable.Range(0, 1025).Select(i => $"\"{i}\":1"))}}}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Complete_OtherModel_Gives404()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"model\":\"gpt-4o\"");
        var error = (await response.JsonAsync())["error"]!;

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(("model_not_found", "model"), ((string)error["code"]!, (string)error["param"]!));
    }
}
