using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MuseWorkbench.Bench.Compare;

/// <summary>A server under test in a process of its own, ready to be asked.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _last;

    private ChatServer(string name, Process process, Queue<string> last, Uri address)
    {
        Name = name;
        _process = process;
        _last = last;
        Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(30) };
    }

    public string Name { get; }

    public HttpClient Http { get; }

    /// <summary>Starts a program and waits until it answers <c>/health</c> with success.</summary>
    /// <param name="arguments">Given the port.</param>
    public static async Task<ChatServer> StartAsync(string name, string program, Func<int, IEnumerable<string>> arguments, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments(port))
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var last = new Queue<string>();
        process.OutputDataReceived += (_, line) => Keep(last, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(last, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ChatServer(name, process, last, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await server.WaitAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last lines it printed.</summary>
    public string LastWords
    {
        get
        {
            lock (_last)
            {
                return string.Join('\n', _last);
            }
        }
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The engine node, built as this program is.</summary>
    public static string NodeAssembly()
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        return BenchOptions.InRepository("src", "MuseWorkbench.EngineNode", "bin", built.Parent!.Name, built.Name, "MuseWorkbench.EngineNode.dll");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await poll.WaitForNextTickAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"{Name} ended before it was ready:\n{LastWords}");
            }

            try
            {
                using var health = await Http.GetAsync("/health", cancellationToken);
                if (health.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }

    private static void Keep(Queue<string> last, string? line)
    {
        lock (last)
        {
            last.Enqueue(line ?? "");
            while (last.Count > 20)
            {
                last.Dequeue();
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
