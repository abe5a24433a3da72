using System.Collections.Concurrent;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Chat;

namespace MuseWorkbench.EngineNode.Telemetry;

/// <summary>What the node counts beyond the engine's own figures: what requests asked for, how sequences ended, and their sizes. Thread-safe.</summary>
internal sealed class RequestMetrics
{
    private static readonly double[] s_perToken = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];
    private static readonly double[] s_counts = [1, 2, 5, 10, 20];
    private static readonly double[] s_tokens = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

    private readonly ConcurrentDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private long _stopped, _length, _aborted, _failed;
    private long _free, _grammar, _tools;

    /// <summary>Seconds per token after the first, one observation a sequence.</summary>
    public Histogram TimePerOutputToken { get; } = new(s_perToken);

    public Histogram PromptTokens { get; } = new(s_tokens);

    public Histogram GenerationTokens { get; } = new(s_tokens);

    /// <summary>Tokens of the longest sequence, one observation a request.</summary>
    public Histogram LongestGeneration { get; } = new(s_tokens);

    /// <summary>Sequences asked for.</summary>
    public Histogram Counts { get; } = new(s_counts);

    public Histogram MaxTokens { get; } = new(s_tokens);

    /// <summary>Sequences by how they ended: stop, length, abort (cancelled), error.</summary>
    public IReadOnlyList<(string Reason, double Count)> Ended =>
    [
        ("stop", Volatile.Read(ref _stopped)),
        ("length", Volatile.Read(ref _length)),
        ("abort", Volatile.Read(ref _aborted)),
        ("error", Volatile.Read(ref _failed)),
    ];

    /// <summary>Accepted requests by what their output is held to.</summary>
    public IReadOnlyList<(string Output, double Count)> Accepted =>
    [
        ("free", Volatile.Read(ref _free)),
        ("grammar", Volatile.Read(ref _grammar)),
        ("tools", Volatile.Read(ref _tools)),
    ];

    /// <summary>Requests by the code of the error they ended with.</summary>
    public IReadOnlyList<(string Code, double Count)> Errors =>
        [.. _errors.Select(error => (error.Key, (double)error.Value)).OrderBy(error => error.Key, StringComparer.Ordinal)];

    /// <summary>A request is well-formed and its sequences begin.</summary>
    public void Begun(ChatRequest request)
    {
        Interlocked.Increment(ref request.Tools is not null ? ref _tools : ref request.Grammar is not null ? ref _grammar : ref _free);
        Counts.Observe(request.Count);
        if (request.MaxTokens is { } most)
        {
            MaxTokens.Observe(most);
        }
    }

    /// <summary>All sequences of a request finished.</summary>
    public void Answered(IReadOnlyList<GenerationFinished> sequences) => LongestGeneration.Observe(sequences.Max(s => s.Usage.GeneratedTokens));

    /// <summary>A request ended with an error of the API's.</summary>
    public void Failed(string code) => _errors.AddOrUpdate(code, 1, (_, count) => count + 1);

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
    public void Broken(bool cancelled) => Interlocked.Increment(ref cancelled ? ref _aborted : ref _failed);
}
