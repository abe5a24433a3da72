using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>llama.cpp's own server, on a port of its own, ended with the test.</summary>
internal sealed class LlamaServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private LlamaServer(Process process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static string FileName => OperatingSystem.IsWindows() ? "llama-server.exe" : "llama-server";

    public static async Task<LlamaServer> StartAsync(string folder, string model, string projector, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(Path.Combine(folder, FileName), [
            "-m", model, "--mmproj", projector, "--host", "127.0.0.1", "--port", $"{port}", "-c", "2048", "-np", "1", "-t", "1", "--temp", "0"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        var log = new System.Text.StringBuilder();
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The server ended: {log}"));
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var server = new LlamaServer(process, port);
        try
        {
            await ready.Task.WaitAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        void Read(string? line)
        {
            lock (log)
            {
                log.AppendLine(line);
            }

            if (line?.Contains("listening on http", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }
    }

    /// <summary>The tokens of the greedy continuation of a prompt in which one image stands between two texts.</summary>
    public async Task<int[]> ContinueAsync(string before, byte[] png, string after, int tokens, CancellationToken cancellationToken)
    {
        var marker = (string)JsonNode.Parse(await _http.GetStringAsync("/props", cancellationToken))!["media_marker"]!;
        var body = new JsonObject
        {
            ["prompt"] = new JsonObject
            {
                ["prompt_string"] = before + marker + after,
                ["multimodal_data"] = new JsonArray(Convert.ToBase64String(png)),
            },
            ["n_predict"] = tokens,
            ["temperature"] = 0,
            ["return_tokens"] = true,
        };
        using var reply = await _http.PostAsJsonAsync("/completion", body, cancellationToken);
        var text = await reply.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(reply.IsSuccessStatusCode, text);
        return [.. JsonNode.Parse(text)!["tokens"]!.AsArray().Select(t => (int)t!)];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
