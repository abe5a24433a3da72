using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Bench.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Pool;

/// <summary>
/// Real engine nodes, each on a core of its own, behind the pool: how much more two do than one, and how often runs find their
/// prefix by each policy. One and two take turns, so that a machine that slows down slows both.
/// </summary>
internal static class NodesBenchmark
{
    private const int Images = 20, Agents = 8, AtOnce = 4, Rounds = 3;

    /// <summary>A node keeps half of the images.</summary>
    private const int Prefixes = Images / 2;

    public static async Task<string> RunAsync(int runs, Action<string> say, CancellationToken cancellationToken)
    {
        var folder = new CaseFolders([BenchOptions.InRepository("models", "held-out")], null, int.MaxValue);
        var (alone, both) = (new List<double>(), new List<double>());
        for (var round = 1; round <= Rounds; round++)
        {
            say($"round {round} of {Rounds}");
            alone.Add((await MeasureAsync(1, LeastWait.PolicyName, runs, folder, cancellationToken)).TokensPerSecond);
            both.Add((await MeasureAsync(2, LeastWait.PolicyName, runs, folder, cancellationToken)).TokensPerSecond);
        }

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{runs} runs of {Agents} agents, {AtOnce} at once, over {Images} images, a node keeps {Prefixes} prefixes; medians of {Rounds} rounds.");
        text.AppendLine(CultureInfo.InvariantCulture, $"One node {Statistics.Median(alone):0} tokens/s, two nodes {Statistics.Median(both):0} tokens/s: ratio {Statistics.Median(both) / Statistics.Median(alone):0.00}.");
        text.AppendLine().AppendLine("| policy, two nodes | runs that found their prefix | prompt tokens computed a run | tokens/s |").AppendLine("|---|---:|---:|---:|");
        foreach (var policy in PlacementPolicies.Names)
        {
            say(policy);
            var result = await MeasureAsync(2, policy, runs, folder, cancellationToken);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {policy} | {result.Found:P0} | {result.ComputedPerRun:0} | {result.TokensPerSecond:0} |");
        }

        return text.ToString().TrimEnd();
    }

    private static async Task<(double TokensPerSecond, double Found, double ComputedPerRun)> MeasureAsync(int nodes, string policy, int runs, CaseFolders folder, CancellationToken cancellationToken)
    {
        var pool = new AgentPool(policy, TimeProvider.System);
        var servers = new List<ChatServer>();
        try
        {
            for (var node = 0; node < nodes; node++)
            {
                servers.Add(await StartAsync(node, cancellationToken));
                var endpoint = await (await NodeEndpoint.ConnectAsync(servers[node], cancellationToken)).GetAsync(null, cancellationToken);
                pool.Add(new BenchMember($"node-{node + 1}", endpoint));
            }

            await using var services = new ServiceCollection().AddLogging().AddSingleton<IAgentClients>(pool).AddSingleton<IImageStore>(folder).AddMuseAgents().BuildServiceProvider();
            var service = services.GetRequiredService<IRunService>();
            // The same images in the same order for all; the first come back often.
            ImageRef[] images = [.. folder.Cases.Select(c => c.Image).DistinctBy(image => image.Sha256).Take(Images)];
            var random = new Random(1);
            var picks = Enumerable.Range(0, runs).Select(_ => (int)(Images * Math.Pow(random.NextDouble(), 2))).ToArray();
            var (tokens, computed, found) = (0L, 0L, 0);
            var clock = Stopwatch.StartNew();
            await Parallel.ForEachAsync(picks.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (pick, stop) =>
            {
                var (prompt, own, generated) = await AskAsync(service, images[pick.Item], (uint)(1000 * pick.Index), stop);
                Interlocked.Add(ref tokens, generated);
                Interlocked.Add(ref computed, own);
                // One that did not find it computes it once.
                if (own < prompt / 2)
                    Interlocked.Increment(ref found);
            });
            return (tokens / clock.Elapsed.TotalSeconds, (double)found / runs, (double)computed / runs);
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }

    private static async Task<(int Prompt, int Computed, int Generated)> AskAsync(IRunService runs, ImageRef image, uint seed, CancellationToken cancellationToken)
    {
        var team = new TeamSpec
        {
            Name = "Bench", Agents = [.. Enumerable.Range(1, Agents).Select(n => TeamPresets.Agent(n) with { MaxTokens = 200, Sampling = new SamplingSpec { Temperature = 1, Seed = seed + (uint)n } })],
        };
        var id = await runs.StartAsync(new RunRequest { Prompt = "What is on the table?", Images = [image], Team = team }, cancellationToken);
        var (prompt, computed, generated) = (0, 0, 0);
        await foreach (var e in runs.ReadAsync(id, 0, cancellationToken))
        {
            if (e is AgentFinished { Usage: { } usage } finished)
            {
                if (finished.Outcome == AgentOutcome.Failed)
                    throw new InvalidOperationException(finished.Error);
                (prompt, computed, generated) = (Math.Max(prompt, usage.PromptTokens), computed + usage.PromptTokens - usage.CachedTokens, generated + usage.GeneratedTokens);
            }
        }

        return (prompt, computed, generated);
    }

    // Each bound to a core where the system can: two that share one would only take turns.
    private static Task<ChatServer> StartAsync(int core, CancellationToken cancellationToken)
    {
        var bound = OperatingSystem.IsLinux() && File.Exists("/usr/bin/taskset");
        string[] node = [ChatServer.NodeAssembly(), "--Engine:Threads=1", "--Engine:MaxSequences=48",
            // The KV cache alone, and kept there: by default prefixes wait in host memory on a CPU, and every node would find them all.
            "--Engine:PrefixStoreBytes=0", "--Engine:PrefixCacheRows=1000000", $"--Engine:PrefixCacheEntries={Prefixes}",
            $"--Engine:Model={BenchOptions.BundledModel}", $"--Engine:Projector={BenchOptions.BundledProjector}"];
        return ChatServer.StartAsync(
            $"node {core + 1}", bound ? "taskset" : "dotnet",
            port => [.. bound ? ["-c", $"{core % Environment.ProcessorCount}", "dotnet"] : Array.Empty<string>(), .. node, "--urls", $"http://127.0.0.1:{port}"], cancellationToken);
    }

    private sealed class BenchMember(string name, AgentEndpoint endpoint) : IPoolMember
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public string Name => name;
        public string Place => "this machine";
        public bool IsLocal => true;
        public MemberStatus Status { get; } = new(MemberPhase.Ready) { Models = [endpoint.Model], Rows = 38, CanContinue = true };
        public EngineSnapshot? Latest => null;

        public ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken) => new(endpoint);

        public Task RestartAsync() => Task.CompletedTask;
    }
}
