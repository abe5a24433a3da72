using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.EngineNode.Tuning;

/// <summary>What a team does to an engine, as a measure of its settings: one prompt of some length, eight agents over it.</summary>
internal static class TeamWork
{
    private const int Agents = 8, Tokens = 96, Words = 160, Rounds = 3;

    /// <summary>Tokens a second, prompt and answers together, in the best of some rounds; another program may be at work in the others.</summary>
    /// <exception cref="EngineLoadException">These settings can't be loaded.</exception>
    public static async Task<double> MeasureAsync(EngineOptions options, CancellationToken cancellationToken)
    {
        await using var engine = await EngineFactory.LoadAsync(options, NullLoggerFactory.Instance, null, cancellationToken);
        // The first round finds everything cold.
        await RoundAsync(engine, 0, cancellationToken);
        var best = 0.0;
        for (var round = 1; round <= Rounds; round++)
            best = Math.Max(best, await RoundAsync(engine, round, cancellationToken));
        return best;
    }

    private static async Task<double> RoundAsync(IInferenceEngine engine, int round, CancellationToken cancellationToken)
    {
        // Another beginning each time: nothing is found in the cache.
        var question = string.Join(' ', Enumerable.Range(0, Words).Select(n => (n * 7919 + round * 104_729) % 100));
        var prompt = engine.RenderChat(new ChatTemplateInput([new ChatTurn("user", [new ChatText(question)])]));
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Agents).Select(agent => AskAsync(engine, prompt, (uint)((100 * round) + agent), cancellationToken)));
        return (counts.Sum(count => count.Generated) + counts.Max(count => count.Prompt)) / clock.Elapsed.TotalSeconds;
    }

    private static async Task<(int Prompt, int Generated)> AskAsync(IInferenceEngine engine, IReadOnlyList<PromptPart> prompt, uint seed, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Id = $"tune-{seed}", Prompt = prompt, MaxTokens = Tokens, Sampling = new SamplingOptions { Temperature = 2, Seed = seed },
        };
        var (total, generated) = (0, 0);
        await foreach (var happened in engine.GenerateAsync(request, cancellationToken))
        {
            total = happened is PromptProgress progress ? progress.Total : total;
            generated += happened is TokenGenerated ? 1 : 0;
        }

        return (total, generated);
    }
}
