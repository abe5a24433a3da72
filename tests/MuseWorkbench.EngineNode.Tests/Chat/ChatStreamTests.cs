using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class ChatStreamTests
{
    [Fact]
    public async Task Stream_OneSequence_SendsRoleTextAndFinish()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"stream\":true");
        var chunks = await response.ChunksAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", (string)chunk["object"]!));
        Assert.Single(chunks.Select(chunk => (string)chunk["id"]!).Distinct());
        Assert.Equal("assistant", (string)chunks[0]["choices"]![0]!["delta"]!["role"]!);
        Assert.Equal("Hello, world", Text(chunks, 0));
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["choices"]![0]!["finish_reason"]));
        Assert.Equal("stop", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);
        Assert.Equal(3, (int)chunks[^1]["timings"]!["predicted_n"]!);
        Assert.All(chunks, chunk => Assert.False(chunk.ContainsKey("usage")));
        Assert.All(chunks, chunk => Assert.False(chunk.ContainsKey("prompt_progress")));
    }

    [Fact]
    public async Task Stream_IncludeUsage_EndsWithUsageAndNoChoices()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"stream\":true,\"n\":2,\"stream_options\":{\"include_usage\":true}");
        var last = (await response.ChunksAsync())[^1];

        Assert.Empty(last["choices"]!.AsArray());
        Assert.Equal((10, 6), ((int)last["usage"]!["prompt_tokens"]!, (int)last["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Stream_ReturnProgress_SendsPromptProgress()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await node.AskAsync("\"stream\":true,\"return_progress\":true");
        var progress = Assert.Single(await response.ChunksAsync(), chunk => chunk.ContainsKey("prompt_progress"));

        Assert.Equal((10, 4, 10), ((int)progress["prompt_progress"]!["total"]!, (int)progress["prompt_progress"]!["cache"]!, (int)progress["prompt_progress"]!["processed"]!));
        Assert.True((double)progress["prompt_progress"]!["time_ms"]! >= 0);
        Assert.Equal("{}", progress["choices"]![0]!["delta"]!.ToJsonString());
    }

    [Fact]
    public async Task Stream_TokenWithoutText_SendsNothingUnlessLogProbs()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => FakeEngine.Say(request, "", "x");

        using var plain = await node.AskAsync("\"stream\":true");
        using var logged = await node.AskAsync("\"stream\":true,\"logprobs\":true");

        Assert.Equal(3, (await plain.ChunksAsync()).Count); // role, "x", finish
        var tokens = (await logged.ChunksAsync()).Where(chunk => chunk["choices"]![0]!["logprobs"] is not null);
        Assert.Equal(["", "x"], tokens.Select(chunk => (string)chunk["choices"]![0]!["delta"]!["content"]!));
    }

    [Fact]
    public async Task Stream_SeveralSequences_InterleaveAsTheyGo()
    {
        await using var node = await TestNode.StartAsync();
        using var turn = new Turnstile(2);
        node.Engine.Script = (request, cancellation) => Alternate(request, turn, cancellation);

        using var response = await node.AskAsync("\"stream\":true,\"n\":2,\"seed\":0");
        var order = (await response.ChunksAsync())
            .Where(chunk => chunk["choices"]![0]!["delta"]!["content"] is { } content && (string)content! != "")
            .Select(chunk => ((int)chunk["choices"]![0]!["index"]!, (string)chunk["choices"]![0]!["delta"]!["content"]!));

        Assert.Equal([(0, "a0"), (1, "b0"), (0, "a1"), (1, "b1"), (0, "a2"), (1, "b2")], order);

        static async IAsyncEnumerable<GenerationEvent> Alternate(GenerationRequest request, Turnstile turn, [EnumeratorCancellation] CancellationToken cancellation)
        {
            var me = (int)request.Sampling.Seed;
            for (var i = 0; i < 3; i++)
            {
                await turn.WaitAsync(me, cancellation);
                yield return FakeEngine.Token(request, i, $"{(me == 0 ? 'a' : 'b')}{i}");
                turn.Pass();
            }

            yield return FakeEngine.Finish(3);
        }
    }

    [Fact]
    public async Task Stream_FailsAfterStart_EndsWithErrorEvent()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, _) => Break(request);

        using var response = await node.AskAsync("\"stream\":true");
        var data = await response.DataAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(data, piece => piece.Contains("before", StringComparison.Ordinal));
        Assert.Equal("engine_failed", (string)JsonNode.Parse(data[^1])!["error"]!["code"]!);

        static async IAsyncEnumerable<GenerationEvent> Break(GenerationRequest request)
        {
            yield return FakeEngine.Token(request, 0, "before");
            await Task.Yield();
            throw new EngineFailedException("The device is lost.");
        }
    }

    [Fact]
    public async Task Stream_OneSequenceFails_OthersAreCancelled()
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = (request, cancellation) => request.Sampling.Seed == 1
            ? throw new EngineFailedException("gone")
            : FakeEngine.Hang(request, cancellation);

        using var response = await node.AskAsync("\"n\":2,\"seed\":0");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.EndsWith("/0", await node.Engine.Cancelled.Reader.ReadAsync(Deadline.Token), StringComparison.Ordinal);
    }

    private static string Text(IEnumerable<JsonObject> chunks, int index) =>
        string.Concat(chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Where(choice => (int)choice!["index"]! == index).Select(choice => (string?)choice!["delta"]!["content"]));

    /// <summary>Lets numbered parties go one after another, round and round.</summary>
    private sealed class Turnstile(int parties) : IDisposable
    {
        private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, parties).Select(i => new SemaphoreSlim(i == 0 ? 1 : 0))];
        private int _turn;

        public Task WaitAsync(int party, CancellationToken cancellation) => _gates[party].WaitAsync(cancellation);

        public void Pass() => _gates[++_turn % parties].Release();

        public void Dispose() => Array.ForEach(_gates, gate => gate.Dispose());
    }
}
