using System.Text;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>The engine's figures in the API's shapes.</summary>
internal static class ChatMath
{
    /// <summary>JSON has no infinity; OpenAI writes an impossible token so.</summary>
    private const double Impossible = -9999;

    public static string Name(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";

    /// <summary>Usage of sequences with one prompt: the prompt counts once, and as cached counts what none of them computed.</summary>
    public static UsageBody Usage(IReadOnlyList<GenerationFinished> sequences)
    {
        var prompt = sequences.Max(s => s.Usage.PromptTokens);
        var generated = sequences.Sum(s => s.Usage.GeneratedTokens);
        return new UsageBody(prompt, generated, prompt + generated, new PromptTokensDetails(sequences.Min(s => s.Usage.CachedTokens)));
    }

    /// <summary>Timings of one sequence.</summary>
    public static TimingsBody Timings(GenerationFinished sequence)
    {
        var (usage, timings) = (sequence.Usage, sequence.Timings);
        return new TimingsBody(
            Round(timings.QueueMs),
            usage.CachedTokens,
            usage.PromptTokens - usage.CachedTokens,
            Round(timings.PrefillMs),
            Round(timings.TimeToFirstTokenMs),
            usage.GeneratedTokens,
            Round(timings.DecodeMs),
            // From the first token to the last there are as many intervals as tokens after the first.
            usage.GeneratedTokens > 1 && timings.DecodeMs > 0 ? Round((usage.GeneratedTokens - 1) * 1000 / timings.DecodeMs) : 0);
    }

    /// <summary>Timings of a reply of several sequences that ran side by side: the earliest first token, the slowest of the rest, rates added.</summary>
    public static TimingsBody Timings(IReadOnlyList<GenerationFinished> sequences)
    {
        var each = sequences.Select(Timings).ToList();
        return new TimingsBody(
            each.Max(t => t.QueueMs), each.Min(t => t.CacheN), each.Max(t => t.PromptN), each.Max(t => t.PromptMs), each.Min(t => t.TtftMs),
            each.Sum(t => t.PredictedN), each.Max(t => t.PredictedMs), Round(each.Sum(t => t.PredictedPerSecond)));
    }

    public static TokenLogProbBody LogProb(TokenLogProbs token) =>
        new(Text(token.Chosen), Value(token.Chosen), Bytes(token.Chosen), [.. token.Top.Select(t => new TopLogProbBody(Text(t), Value(t), Bytes(t)))]);

    /// <summary>Null where there is nothing to sum up.</summary>
    public static ConfidenceBody? Confidence(ConfidenceTrace? trace, int? window) => trace?.Summarise() is { } all && window is { } size
        ? new ConfidenceBody(all.Tokens, size, Round(all.Mean), Round(all.Tail), Round(all.LowestGroup), Round(all.Bottom10))
        : null;

    public static double? Group(ConfidenceTrace? trace) => trace is null ? null : Round(trace.Group);

    /// <summary>Parts of characters show as U+FFFD; the bytes tell.</summary>
    private static string Text(LogProb token) => Encoding.UTF8.GetString(token.Bytes);

    private static int[] Bytes(LogProb token) => Array.ConvertAll(token.Bytes, b => (int)b);

    private static double Value(LogProb token) => float.IsFinite(token.Value) ? token.Value : Impossible;

    private static double Round(double value) => double.IsFinite(value) ? Math.Round(value, 3) : 0;
}
