using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Bench.Compare;

/// <summary>
/// The engine node against <c>llama-server</c> of the same llama.cpp build: the same files, threads and client, taking turns in
/// one run, and against the floor (one prefill and the runtime's bare batched decode) for the same work.
/// </summary>
internal static class CompareBenchmark
{
    private const int Cells = 16384;

    public static async Task<CompareReport> RunAsync(CompareOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        var (model, projector) = options.Model == "random"
            ? RandomModel.Ensure(options.Folder, RandomSize.Large)
            : (BenchOptions.BundledModel, BenchOptions.BundledProjector);
        var engineOptions = new EngineOptions
        {
            Model = model, Projector = projector, Threads = options.Threads, ContextSize = Cells, MaxSequences = 64, NativeDirectory = options.Native,
            FlashAttention = options.FlashAttention,
        };
        var floor = new FloorForText(engineOptions);
        var context = floor.Words(500);
        var scenarios = new Scenarios(floor.Banned, context, floor.Words(2000));
        await using var ours = await ChatServer.StartAsync("engine node", "dotnet", port => NodeArguments(engineOptions, port), cancellationToken);
        await using var theirs = options.LlamaServer is { } server
            ? await ChatServer.StartAsync("llama-server", server, port => [.. ServerArguments(engineOptions, port), .. options.ServerArguments], cancellationToken)
            : null;
        if (theirs is null)
        {
            say("No --llama-server given: the engine node is measured alone.");
        }

        var report = new CompareReport(options, model, floor.Device);
        // Once through unmeasured: code is compiled, memory touched, costs known.
        for (var run = -1; run < options.Runs; run++)
        {
            var measured = run >= 0;
            say(measured ? $"run {run + 1} of {options.Runs}" : "warming up");
            // Who comes after the floor's minute of work and who after the other takes turns.
            IEnumerable<ChatServer> turns = theirs is null ? [ours] : run % 2 == 0 ? [ours, theirs] : [theirs, ours];
            foreach (var chat in turns)
            {
                await TakeAsync(chat, "a: 8 agents, 8 requests, ms", scenarios.SeparateAsync);
                await TakeAsync(chat, "b: 8 agents, n=8, ms", scenarios.OneRequestAsync);
                if (options.Scenarios.Contains('c'))
                {
                    var (cold, again) = await scenarios.TwiceAsync(chat, cancellationToken);
                    Add(chat, "c: first token, cold, ms", cold);
                    Add(chat, "c: first token, same image again, ms", again);
                }

                await TakeAsync(chat, "d: inter-token p99 beside a long prompt, ms", scenarios.LongPromptAsync);
            }

            if (measured)
            {
                if (options.Scenarios.Contains('b'))
                {
                    report.AddFloor("b: 8 agents, n=8, ms", floor.Measure(context, Scenarios.Tokens));
                }

                if (options.Scenarios.Contains('a'))
                {
                    report.AddFloor("a: 8 agents, 8 requests, ms", floor.Measure(context, Scenarios.Tokens));
                    report.AddRolesFloor("a: 8 agents, 8 requests, ms", floor.Measure(context, Scenarios.Tokens, Scenarios.Roles));
                }
            }

            async Task TakeAsync(ChatServer chat, string scenario, Func<ChatServer, CancellationToken, Task<double>> measure)
            {
                if (options.Scenarios.Contains(scenario[0]))
                {
                    Add(chat, scenario, await measure(chat, cancellationToken));
                }
            }

            void Add(ChatServer chat, string scenario, double value)
            {
                say(string.Create(CultureInfo.InvariantCulture, $"  {chat.Name}, {scenario}: {value:F1}"));
                if (measured)
                {
                    report.Add(chat.Name, scenario, value);
                }
            }
        }

        floor.Dispose();
        return report;
    }

    private static IEnumerable<string> NodeArguments(EngineOptions options, int port) =>
    [
        ChatServer.NodeAssembly(), $"--urls=http://127.0.0.1:{port}", $"--Engine:Model={options.Model}", $"--Engine:Projector={options.Projector}",
        $"--Engine:Threads={options.Threads}", $"--Engine:ContextSize={options.ContextSize}", $"--Engine:MaxSequences={options.MaxSequences}",
        $"--Engine:NativeDirectory={options.NativeDirectory}", $"--Engine:FlashAttention={options.FlashAttention}", "--Logging:LogLevel:Default=Warning", "--Engine:ExitWithParent=true",
    ];

    // Nine slots: eight agents, and the prompt that arrives beside them.
    private static IEnumerable<string> ServerArguments(EngineOptions options, int port) =>
    [
        "--host", "127.0.0.1", "--port", $"{port}", "-m", options.Model, "--mmproj", options.Projector!, "-c", $"{options.ContextSize}", "-np", "9", "-kvu",
        "-t", $"{options.Threads}", "-tb", $"{options.Threads}", "--reasoning-format", "none", "--no-warmup", "--no-jinja",
    ];

    /// <summary>The floor with texts instead of prompts, in this process.</summary>
    private sealed class FloorForText(EngineOptions options) : IDisposable
    {
        private readonly DecodeFloor _floor = DecodeFloor.Load(options);
        private int _picture = int.MaxValue;

        public string Device => _floor.Device;

        public IReadOnlyList<int> Banned => [.. _floor.EndTokens, .. _floor.PartialTokens];

        /// <summary>Text of about so many tokens.</summary>
        public string Words(int tokens)
        {
            var random = new Random(tokens);
            var text = new StringBuilder();
            while (_floor.Count(text.ToString()) < tokens)
            {
                text.Append((char)('a' + random.Next(26))).Append((char)('a' + random.Next(26))).Append((char)('a' + random.Next(26))).Append(' ');
            }

            return text.ToString().Trim();
        }

        public double Measure(string text, int tokens, IReadOnlyList<string>? roles = null)
        {
            using var decoder = new Engine.Images.VipsImageDecoder();
            var image = decoder.Decode(Picture.Draw(_picture--));
            return _floor.Measure(
                [new TextPart("user\n", true), new ImagePart(image), new TextPart(text, true)], image, Scenarios.Agents, tokens, roles).TotalMilliseconds;
        }

        public void Dispose() => _floor.Dispose();
    }
}
