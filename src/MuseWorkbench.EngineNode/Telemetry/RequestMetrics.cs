using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>What the node counts beyond the engine's own figures: how sequences ended, and their sizes. Thread-safe.</summary>
internal sealed class RequestMetrics
{
    private static readonly double[] s_perToken = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];
    private static readonly double[] s_tokens = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

    private long _stopped, _length, _aborted, _errors;

    /// <summary>Seconds per token after the first, one observation a sequence.</summary>
    public Histogram TimePerOutputToken { get; } = new(s_perToken);

    public Histogram PromptTokens { get; } = new(s_tokens);

    public Histogram GenerationTokens { get; } = new(s_tokens);

    /// <summary>Sequences by how they ended: stop, length, abort (cancelled), error.</summary>
    public IReadOnlyList<(string Reason, long Count)> Ended =>
    [
        ("stop", Volatile.Read(ref _stopped)),
        ("length", Volatile.Read(ref _length)),
        ("abort", Volatile.Read(ref _aborted)),
        ("error", Volatile.Read(ref _errors)),
    ];

    public void Finished(GenerationFinished finished)
    {
        Interlocked.Increment(ref finished.Reason == FinishReason.Length ? ref _length : ref _stopped);
        var (usage, timings) = (finished.Usage, finished.Timings);
        PromptTokens.Observe(usage.PromptTokens);
        GenerationTokens.Observe(usage.GeneratedTokens);
        if (usage.GeneratedTokens > 1)
        {
            TimePerOutputToken.Observe(timings.DecodeMs / 1000 / (usage.GeneratedTokens - 1));
        }
    }

    /// <summary>A sequence that was begun ended without finishing.</summary>
    public void Broken(bool cancelled) => Interlocked.Increment(ref cancelled ? ref _aborted : ref _errors);
}
