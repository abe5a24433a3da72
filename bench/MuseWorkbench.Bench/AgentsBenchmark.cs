using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Bench;

/// <summary>
/// How wall-clock grows with the number of agents that reason about one image at once, against the floor: one prefill
/// and the runtime's bare batched decode of as many rows for as many steps. Sizes and both sides take turns, so that a
/// machine that slows down slows all of them.
/// </summary>
internal static class AgentsBenchmark
{
    public static async Task<AgentsReport> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var engineOptions = new EngineOptions
        {
            Model = options.Model,
            Projector = options.Projector,
            Threads = options.Threads,
            MaxSequences = Math.Max(new EngineOptions().MaxSequences, 2 * options.Agents.Max()),
        };
        using var floor = DecodeFloor.Load(engineOptions);
        await using var engine = await EngineFactory.LoadAsync(engineOptions, NullLoggerFactory.Instance, null, cancellationToken);
        var image = engine.Images.Decode(await File.ReadAllBytesAsync(options.Image, cancellationToken));
        var measure = new Measurement(engine, floor, image, options);

        // Once through unmeasured: code is compiled, memory touched.
        await measure.RunAsync(options.Agents.Max(), cancellationToken);
        var samples = options.Agents.Distinct().Order().ToDictionary(n => n, _ => new List<AgentsSample>());
        for (var run = 0; run < options.Runs; run++)
        {
            foreach (var (agents, list) in samples)
            {
                list.Add(await measure.RunAsync(agents, cancellationToken));
            }
        }

        return AgentsReport.Create(options, floor.Device, samples);
    }

    private sealed class Measurement(IInferenceEngine engine, DecodeFloor floor, RgbImage image, BenchOptions options)
    {
        private readonly ImmutableDictionary<int, float> _neverEnd = floor.EndTokens.ToImmutableDictionary(t => t, _ => float.NegativeInfinity);
        private int _runs;

        public async Task<AgentsSample> RunAsync(int agents, CancellationToken cancellationToken)
        {
            // A name of its own makes the image new to the caches: every run encodes and prefills, once.
            var fresh = image with { ContentHash = $"{image.ContentHash}-{_runs++}" };
            var prompt = engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", [new ChatImage(fresh), new ChatText(options.Question)])]));
            var before = await engine.SettleAsync(cancellationToken);

            var started = Stopwatch.GetTimestamp();
            var finishes = await Task.WhenAll(Enumerable.Range(0, agents).Select(i => Task.Run(() => GenerateAsync(prompt, (uint)i, cancellationToken), cancellationToken)));
            var wall = Stopwatch.GetElapsedTime(started);

            var after = await engine.SettleAsync(cancellationToken);
            var counters = after.Counters;
            var floorWall = floor.Measure(prompt, fresh, agents, options.Tokens);
            return new AgentsSample(
                wall.TotalMilliseconds,
                finishes.Sum(f => f.Usage.GeneratedTokens),
                after.Steps - before.Steps,
                counters.PromptTokens - counters.PromptTokensCached - (before.Counters.PromptTokens - before.Counters.PromptTokensCached),
                floorWall.TotalMilliseconds);
        }

        private async Task<GenerationFinished> GenerateAsync(IReadOnlyList<PromptPart> prompt, uint seed, CancellationToken cancellationToken)
        {
            var request = new GenerationRequest
            {
                Id = $"agent-{seed}",
                Prompt = prompt,
                MaxTokens = options.Tokens,
                Sampling = new SamplingOptions { Temperature = 0.8f, Seed = seed, LogitBias = _neverEnd },
            };
            GenerationFinished? finished = null;
            await foreach (var item in engine.GenerateAsync(request, cancellationToken))
            {
                finished = item as GenerationFinished ?? finished;
            }

            return finished ?? throw new InvalidOperationException("The engine ended a request without a finish.");
        }
    }
}
