using System.Net.Sockets;
using System.Text;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

/// <summary>Clients that leave or do not read.</summary>
public sealed class DisconnectTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_ClientGone_CancelsEverySequence(bool stream)
    {
        await using var node = await TestNode.StartAsync();
        node.Engine.Script = FakeEngine.Hang;
        using var client = await ConnectAsync(node);
        await SendAsync(client, $$"""{"messages":[{"role":"user","content":"x"}],"n":3,"stream":{{(stream ? "true" : "false")}}}""");
        await UntilAsync(() => node.Engine.Requests.Count == 3);

        client.Close();

        for (var i = 0; i < 3; i++)
        {
            await node.Engine.Cancelled.Reader.ReadAsync(Deadline.Token);
        }
    }

    [Fact]
    public async Task Complete_ClientGoneWhileSendingBody_NothingIsStarted()
    {
        await using var node = await TestNode.StartAsync();
        using (var client = await ConnectAsync(node))
        {
            await client.GetStream().WriteAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray(), Deadline.Token);
        }

        using var response = await node.AskAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Single(node.Engine.Requests);
    }

    [Fact]
    public async Task Stream_ReaderStops_EngineIsNotHeldUpAndOthersAreServed()
    {
        const int Tokens = 4_000;
        await using var node = await TestNode.StartAsync();
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Engine.Script = (request, _) => request.MaxTokens == 1 ? FakeEngine.Say(request, "quick") : Flood(request, finished);
        using var client = await ConnectAsync(node);
        client.ReceiveBufferSize = 4096;

        // 4,000 tokens of 4 KB are far more than any socket buffer holds, and nobody reads.
        await SendAsync(client, """{"messages":[{"role":"user","content":"x"}],"stream":true}""");
        await finished.Task.WaitAsync(Deadline.Token);
        using var other = await node.AskAsync("\"max_tokens\":1");

        Assert.True(other.IsSuccessStatusCode);

        static async IAsyncEnumerable<GenerationEvent> Flood(GenerationRequest request, TaskCompletionSource finished)
        {
            var text = new string('x', 4096);
            for (var i = 0; i < Tokens; i++)
            {
                yield return FakeEngine.Token(request, i, text);
            }

            await Task.Yield();
            finished.SetResult();
            yield return FakeEngine.Finish(Tokens);
        }
    }

    private static async Task<TcpClient> ConnectAsync(TestNode node)
    {
        var client = new TcpClient();
        await client.ConnectAsync(node.Url.Host, node.Url.Port, Deadline.Token);
        return client;
    }

    private static async Task SendAsync(TcpClient client, string json) =>
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"),
            Deadline.Token);

    /// <summary>The other side runs on its own, so its state can only be asked for.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = Deadline.Token;
        while (!condition())
        {
            await Task.Delay(5, deadline);
        }
    }
}
