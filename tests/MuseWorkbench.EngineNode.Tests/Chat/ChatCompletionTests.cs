using System.Net;
using System.Text.Json.Nodes;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class ChatCompletionTests
{
    private static readonly string s_png = Convert.ToBase64String(FakeEngine.Png);

    [Fact]
    public async Task Complete_TemplateVariables_ReachTheTemplate()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"chat_template_kwargs\":{\"enable_thinking\":false,\"effort\":\"high\"}");

        var variables = Assert.Single(node.Engine.Chats).Variables;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((2, false, "high"), (variables.Count, variables["enable_thinking"].GetBoolean(), variables["effort"].GetString()));
    }

    [Fact]
    public async Task Complete_TemplateVariablesTooLongOrTaken_AreRefused()
    {
        await using var node = await TestNode.StartAsync();

        using var taken = await node.AskAsync("\"chat_template_kwargs\":{\"messages\":[]}");
        using var tooLong = await node.AskAsync($"\"chat_template_kwargs\":{{\"a\":\"{new string('x', 16 * 1024)}\"}}");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (taken.StatusCode, tooLong.StatusCode));
        Assert.Contains("can't set 'messages'", await taken.Content.ReadAsStringAsync(Deadline.Token), StringComparison.Ordinal);
        Assert.Contains("at most 16384", await tooLong.Content.ReadAsStringAsync(Deadline.Token), StringComparison.Ordinal);
        Assert.Empty(node.Engine.Chats);
    }

    [Fact]
    public async Task Complete_OneSequence_HasOpenAiShape()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"model\":\"fake-model\",\"user\":\"me\"");
        var reply = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("chatcmpl-", (string)reply["id"]!, StringComparison.Ordinal);
        Assert.Equal("chat.completion", (string)reply["object"]!);
        Assert.Equal("fake-model", (string)reply["model"]!);
        Assert.StartsWith("muse-", (string)reply["system_fingerprint"]!, StringComparison.Ordinal);
        Assert.True((long)reply["created"]! > 1_700_000_000);
        var choice = Assert.Single(reply["choices"]!.AsArray())!;
        Assert.Equal("assistant", (string)choice["message"]!["role"]!);
        Assert.Equal("Hello, world", (string)choice["message"]!["content"]!);
        Assert.Equal("stop", (string)choice["finish_reason"]!);
        Assert.True(choice.AsObject().ContainsKey("logprobs"));
        Assert.Null(choice["logprobs"]);
    }

    [Fact]
    public async Task Complete_OneSequence_ReportsUsageAndTimings()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync();
        var reply = await response.JsonAsync();

        AssertJson("""{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":4}}""", reply["usage"]);
        AssertJson("""{"queue_ms":1,"cache_n":4,"prompt_n":6,"prompt_ms":20,"ttft_ms":21,"predicted_n":3,"predicted_ms":200,"predicted_per_second":10}""", reply["timings"]);
    }

    [Fact]
    public async Task Complete_SeveralSequences_CountsPromptOnceAndSeedsUp()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, $"seed {request.Sampling.Seed}");

        using var response = await node.AskAsync("\"n\":3,\"seed\":4294967295");
        var reply = await response.JsonAsync();

        Assert.Equal(["seed 4294967295", "seed 0", "seed 1"], reply["choices"]!.AsArray().Select(choice => (string)choice!["message"]!["content"]!));
        Assert.Equal([0, 1, 2], reply["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.Equal(10, (int)reply["usage"]!["prompt_tokens"]!);
        Assert.Equal(3, (int)reply["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Complete_NoSeed_DrawsOne()
    {
        await using var node = await TestNode.StartAsync();

        for (var i = 0; i < 4; i++)
        {
            (await node.AskAsync("\"seed\":-1")).Dispose();
        }

        Assert.True(node.Engine.Requests.Select(request => request.Sampling.Seed).Distinct().Count() > 1);
    }

    [Fact]
    public async Task Complete_EndsByLength_SaysSo()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => new GenerationEvent[] { FakeEngine.Finish(7, FinishReason.Length, "tail") }.ToAsyncEnumerable();

        using var response = await node.AskAsync();
        var choice = (await response.JsonAsync())["choices"]![0]!;

        Assert.Equal("length", (string)choice["finish_reason"]!);
        Assert.Equal("tail", (string)choice["message"]!["content"]!);
    }

    [Fact]
    public async Task Complete_LogProbs_HaveTokensBytesAndAlternatives()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, "é");

        using var response = await node.AskAsync("\"logprobs\":true,\"top_logprobs\":2");
        var reply = await response.JsonAsync();

        AssertJson(
            """{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"a","logprob":-1,"bytes":[97]},{"token":"b","logprob":-2,"bytes":[98]}]}],"refusal":null}""",
            reply["choices"]![0]!["logprobs"]);
    }

    [Fact]
    public async Task Complete_Confidence_IsSummedUpWholeAndStreamed()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => new GenerationEvent[]
        {
            new TokenGenerated(1, "a", null) { Confidence = 2 }, new TokenGenerated(2, "b", null) { Confidence = 4 }, new TokenGenerated(3, "c", null) { Confidence = 1 }, FakeEngine.Finish(3),
        }.ToAsyncEnumerable();

        using var whole = await node.AskAsync("\"confidence\":true,\"confidence_window\":2");
        using var stream = await node.AskAsync("\"confidence\":true,\"confidence_window\":2,\"stream\":true");
        var chunks = await stream.ChunksAsync();

        const string Expected = """{"tokens":3,"window":2,"mean":2.333,"tail":2.333,"lowest_group":2.5,"bottom_10":2.5}""";
        AssertJson(Expected, (await whole.JsonAsync())["choices"]![0]!["confidence"]);
        AssertJson(Expected, chunks[^1]["choices"]![0]!["confidence"]);
        Assert.Equal([2, 3, 2.5], chunks.Select(c => (double?)c["choices"]![0]!["group_confidence"]).OfType<double>());
        Assert.All(node.Engine.Requests, request => Assert.True(request.Confidence));
    }

    [Fact]
    public async Task Complete_ImpossibleToken_IsStillJson()
    {
        await using var node = await TestNode.StartAsync();
        var impossible = new TokenGenerated(1, "x", new TokenLogProbs(new LogProb(1, [0xC3], float.NegativeInfinity), []));
        node.Engine.Script = (_, _) => new GenerationEvent[] { impossible, FakeEngine.Finish(1) }.ToAsyncEnumerable();

        using var response = await node.AskAsync("\"logprobs\":true");
        var token = (await response.JsonAsync())["choices"]![0]!["logprobs"]!["content"]![0]!;

        Assert.Equal(-9999, (double)token["logprob"]!);
        Assert.Equal("\uFFFD", (string)token["token"]!);
    }

    [Fact]
    public async Task Complete_PartsAndRoles_ReachTheEngineInOrder()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.ChatAsync($$$"""
            {"messages":[
              {"role":"developer","content":"Be brief."},
              {"role":"user","content":[
                {"type":"text","text":"What is this?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,{{{s_png.Replace("/", "\\/", StringComparison.Ordinal)}}}","detail":"low"}}]},
              {"role":"assistant","content":"<tool_call>x</tool_call>"},
              {"role":"tool","content":"5","tool_call_id":"1"}]}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var turns = Assert.Single(node.Engine.Chats).Turns;
        Assert.Equal(["system", "user", "assistant", "tool"], turns.Select(turn => turn.Role));
        Assert.Equal(new ChatText("What is this?"), turns[1].Content[0]);
        Assert.Equal(2, Assert.IsType<ChatImage>(turns[1].Content[1]).Image.Width);
    }

    [Fact]
    public async Task Complete_Parameters_ReachTheEngine()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("""
            "seed":7,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.05,"repeat_penalty":1.1,"frequency_penalty":-1,"presence_penalty":2,
            "logit_bias":{"5":-100,"6":1.5},"max_completion_tokens":12,"stop":["a","b"],"logprobs":true,"run_id":"run 1","priority":-3
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var request = Assert.Single(node.Engine.Requests);
        var sampling = request.Sampling;
        Assert.Equal((7u, 0.5f, 0.9f, 40), (sampling.Seed, sampling.Temperature, sampling.TopP, sampling.TopK));
        Assert.Equal((0.05f, 1.1f, -1f, 2f), (sampling.MinP, sampling.RepeatPenalty, sampling.FrequencyPenalty, sampling.PresencePenalty));
        Assert.Equal([(5, -100f), (6, 1.5f)], sampling.LogitBias.OrderBy(bias => bias.Key).Select(bias => (bias.Key, bias.Value)));
        Assert.Equal((12, 0), (request.MaxTokens, request.TopLogProbs));
        Assert.Equal(["a", "b"], request.Stop);
        Assert.Equal(("run 1", -3), (request.Run, request.Priority));
    }

    [Fact]
    public async Task Complete_SeveralSequencesWithoutRunId_AreOneRun()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"n\":3");

        Assert.Single(node.Engine.Requests.Select(r => r.Run).Distinct());
    }

    [Fact]
    public async Task Complete_TopPZero_LeavesTheSamplerAShare()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"top_p\":0");

        Assert.InRange(Assert.Single(node.Engine.Requests).Sampling.TopP, float.Epsilon, 1e-5f);
    }

    [Fact]
    public async Task Complete_NoLimit_IsTheContext()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync();

        Assert.Equal(4096, Assert.Single(node.Engine.Requests).MaxTokens);
    }

    [Fact]
    public async Task Complete_EngineRejects_Gives400WithItsCode()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => throw new RequestRejectedException("Too long.", "context_length_exceeded", "messages");

        using var response = await node.AskAsync("\"stream\":true,\"n\":2");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertJson("""{"error":{"message":"Too long.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", await response.JsonAsync());
    }

    [Fact]
    public async Task Complete_EngineFails_Gives503()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => throw new EngineFailedException("The device is lost.");

        using var response = await node.AskAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("engine_failed", (string)(await response.JsonAsync())["error"]!["code"]!);
    }

    [Fact]
    public async Task Complete_UnexpectedException_Gives500WithoutDetails()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (_, _) => throw new InvalidTimeZoneException("secret detail");

        using var response = await node.AskAsync();
        var text = await response.Content.ReadAsStringAsync(Deadline.Token);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("\"internal_error\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", text, StringComparison.Ordinal);
    }

    private static void AssertJson(string expected, JsonNode? actual) => Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual?.ToJsonString());
}
