using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace MuseWorkbench.E2E.Tests;

/// <summary>The real product as its own process, on a free port, with a data directory of its own.</summary>
internal sealed partial class Workbench : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _data;
    private readonly ConcurrentQueue<string> _output;
    private readonly ConcurrentBag<IBrowserContext> _contexts = [];
    private bool _dataIsLeft;

    private Workbench(Process process, string data, ConcurrentQueue<string> output, Uri url)
    {
        (_process, _data, _output, Url) = (process, data, output, url);
        Engine = new(NodeProcesses);
    }

    /// <summary>The address printed for the user, token included.</summary>
    public Uri Url { get; }

    public int ProcessId => _process.Id;

    public string Output => string.Join('\n', _output);

    /// <summary>Where it keeps everything.</summary>
    public string Data => _data;

    public static Task<Workbench> StartAsync(params string[] arguments) => StartOnAsync(Directory.CreateTempSubdirectory("muse-e2e-").FullName, arguments);

    /// <summary>
    /// Opens a context of a browser that closes with this workbench. One left open looks for its server for ever, and a few dozen
    /// of them leave no processor time to the tests that still run.
    /// </summary>
    public async Task<IBrowserContext> BrowseAsync(IBrowser browser, BrowserNewContextOptions? options = null, TimeSpan? latency = null)
    {
        var context = await browser.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        _contexts.Add(context);
        await SlowConnection.ApplyAsync(context, latency);
        return context;
    }

    /// <summary>Holds its engine still or slows it down.</summary>
    public EngineBrake Engine { get; }

    /// <summary>Its API, with its key.</summary>
    public HttpClient NewClient()
    {
        var client = new HttpClient { BaseAddress = new Uri(Url, "/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Url.Query.Split('=', 2)[1]);
        return client;
    }

    /// <summary>Completes when every member of the pool is ready and gets calls.</summary>
    public static async Task UntilPoolIsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(120));
        while (true)
        {
            var pool = await client.GetFromJsonAsync<JsonElement>("/api/pool", patience.Token);
            if (pool.GetProperty("members").EnumerateArray().All(m => m.GetProperty("phase").GetString() == "ready" && m.GetProperty("breaker").GetString() != "open"))
                return;
            await Task.Delay(100, patience.Token);
        }
    }

    /// <summary>Reads a run to its end.</summary>
    /// <param name="onEvent">Done with each event before the next is read.</param>
    public static async Task<List<JsonNode>> FollowAsync(HttpClient client, string run, CancellationToken cancellationToken, Func<JsonNode, Task>? onEvent = null)
    {
        var events = new List<JsonNode>();
        using var stream = new StreamReader(await client.GetStreamAsync($"/api/runs/{run}/events", cancellationToken));
        while (await stream.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            events.Add(JsonNode.Parse(line["data: ".Length..])!);
            if (onEvent is not null)
                await onEvent(events[^1]);
        }

        return events;
    }

    /// <summary>Ends it as a crash would (kill -9), at once.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts it again over the data it left.</summary>
    public async Task<Workbench> StartAgainAsync(params string[] arguments)
    {
        _dataIsLeft = true;
        return await StartOnAsync(_data, arguments);
    }

    /// <summary>Starts another one beside it over the same data.</summary>
    public async Task<Workbench> StartBesideAsync(params string[] arguments)
    {
        var beside = await StartOnAsync(_data, arguments);
        beside._dataIsLeft = true;
        return beside;
    }

    /// <summary>Starts it over data that are there already; they go with it.</summary>
    public static async Task<Workbench> StartOnAsync(string data, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] fixedArguments = [Repository.WebAssembly, "--urls", "http://127.0.0.1:0", "--Data:Directory", data];
        foreach (var argument in fixedArguments.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var output = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        void Line(object _, DataReceivedEventArgs e)
        {
            if (e.Data is null)
            {
                return;
            }

            output.Enqueue(e.Data);
            if (PrintedUrl().Match(e.Data) is { Success: true } match)
            {
                address.TrySetResult(new Uri(match.Value));
            }
        }

        process.OutputDataReceived += Line;
        process.ErrorDataReceived += Line;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException("The workbench ended at start:\n" + string.Join('\n', output)));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new Workbench(process, data, output, await address.Task.WaitAsync(s_startLimit));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Process ids of the engine nodes this workbench started.</summary>
    public IReadOnlyList<int> NodeProcesses() =>
        [.. Process.GetProcessesByName("dotnet").Concat(Process.GetProcessesByName("MuseWorkbench.EngineNode"))
            .Where(p => ParentOf(p.Id) == _process.Id).Select(p => p.Id)];

    public async ValueTask DisposeAsync()
    {
        Engine.Dispose();
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        if (!_dataIsLeft)
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // Fields after the last ')' of /proc/PID/stat: state, parent, …
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return -1; // gone meanwhile
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/\?token=\S+")]
    private static partial Regex PrintedUrl();
}
