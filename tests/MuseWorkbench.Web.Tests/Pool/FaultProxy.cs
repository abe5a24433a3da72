using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MuseWorkbench.Web.Tests.Pool;

/// <summary>How a proxy spoils the replies to chat requests.</summary>
public enum ProxyFault { Refuse, ResetAfterHeaders, Stall, SlowDrip, Truncate, Garbage, TooManyRequests, ServerError }

/// <summary>Passes on what goes to a server and comes from it, byte for byte, except for what its fault does to chat replies.</summary>
/// <param name="frames">Frames of the reply passed on before the fault, for the n-th chat request.</param>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ProxyFault _fault;
    private readonly int _target;
    private readonly Func<int, int> _frames;
    private int _chats;

    public FaultProxy(int target, ProxyFault fault, Func<int, int> frames)
    {
        (_target, _fault, _frames) = (target, fault, frames);
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Whether it spoils replies yet.</summary>
    public bool Armed { get; set; }

    /// <summary>Chat requests it has spoilt.</summary>
    public int Chats => Volatile.Read(ref _chats);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var head = await ReadHeadAsync(client);
                if (Armed && Encoding.ASCII.GetString(head).StartsWith("POST /v1/chat/completions", StringComparison.Ordinal))
                    await SpoilAsync(client, head, Interlocked.Increment(ref _chats));
                else
                    await PassOnAsync(client, head, client => CopyAsync(client.Server, client.Client));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Either side left.
            }
        }
    }

    private async Task SpoilAsync(Socket client, byte[] head, int number)
    {
        switch (_fault)
        {
            case ProxyFault.Refuse:
                Reset(client);
                return;
            case ProxyFault.TooManyRequests or ProxyFault.ServerError:
                await SkipBodyAsync(client, head);
                var status = _fault == ProxyFault.ServerError ? "500 Internal Server Error" : "429 Too Many Requests\r\nRetry-After: 1";
                await client.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"), _stop.Token);
                client.Shutdown(SocketShutdown.Send);
                return;
            default:
                await PassOnAsync(client, head, both => SpoilReplyAsync(both.Server, both.Client, _frames(number)));
                return;
        }
    }

    private async Task SpoilReplyAsync(Socket server, Socket client, int frames)
    {
        await using var reply = new NetworkStream(server);
        await client.SendAsync(await ReadHeadAsync(server), _stop.Token);
        if (_fault == ProxyFault.ResetAfterHeaders)
        {
            Reset(client);
            return;
        }

        // Chunked: a line with the length in hex, that many bytes, a line break.
        for (var frame = 0; await ReadFrameAsync(reply) is { } bytes; frame++)
        {
            if (_fault == ProxyFault.SlowDrip)
            {
                foreach (var b in bytes)
                    await client.SendAsync(new[] { b }, _stop.Token);
                continue;
            }

            if (frame == frames)
            {
                if (_fault == ProxyFault.Stall)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                if (_fault == ProxyFault.Garbage)
                    await client.SendAsync("12\r\ndata: {\"choices\"\n\n\r\n0\r\n\r\n"u8.ToArray(), _stop.Token);
                client.Shutdown(SocketShutdown.Send);
                return;
            }

            await client.SendAsync(bytes, _stop.Token);
        }
    }

    private static async Task<byte[]?> ReadFrameAsync(Stream reply)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await reply.ReadAsync(one) == 1)
        {
            line.Add(one[0]);
            if (one[0] == '\n')
            {
                var length = int.Parse(Encoding.ASCII.GetString([.. line]).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                var rest = new byte[length + 2];
                await reply.ReadExactlyAsync(rest);
                return [.. line, .. rest];
            }
        }

        return null;
    }

    private async Task PassOnAsync(Socket client, byte[] head, Func<(Socket Server, Socket Client), Task> reply)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
        await server.SendAsync(head, _stop.Token);
        var asking = CopyAsync(client, server);
        await reply((server, client));
        server.Close();
        try
        {
            await asking;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody reads on.
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[8192];
        while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var length)
            await to.SendAsync(buffer.AsMemory(0, length), _stop.Token);
        to.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Up to and with the blank line; one byte at a time, so that nothing of the body is taken.</summary>
    private async Task<byte[]> ReadHeadAsync(Socket from)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (await from.ReceiveAsync(one, _stop.Token) == 0)
                throw new IOException("The connection ended within a head.");
            head.Add(one[0]);
        }

        return [.. head];
    }

    private static async Task SkipBodyAsync(Socket client, byte[] head)
    {
        if (!Encoding.ASCII.GetString(head).Contains("chunked", StringComparison.OrdinalIgnoreCase))
            return;
        await using var body = new NetworkStream(client);
        while (await ReadFrameAsync(body) is { Length: > 5 })
        {
        }
    }

    private static void Reset(Socket client)
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }
}
