using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>
/// Counts one agent's tokens and times over its turns: by what the server reports where it does, else by what arrives.
/// </summary>
internal sealed class AgentMeter(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TokenUsage _done = new(0, 0, 0);
    private ChatTimings? _first;
    private PromptProgress? _progress;
    private UsageDetails? _usage;
    private ChatTimings? _timings;
    private int _arrived;
    private int _turns;
    private double? _queueMs;
    private double? _firstTokenMs;
    private double _turnFirstMs;
    private double _lastMs;
    // Intervals between tokens, and the time they took.
    private double _intervals;
    private double _intervalMs;

    /// <summary>Generated tokens so far.</summary>
    public int Generated => _done.GeneratedTokens + _arrived;

    private double ElapsedMs => time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Tokens generated before this meter began to count.</summary>
    public void GoOnFrom(int tokens) => _done = _done with { GeneratedTokens = tokens };

    /// <summary>A piece of generated text arrived; servers send one per token.</summary>
    public void CountToken()
    {
        _lastMs = ElapsedMs;
        if (_arrived++ == 0)
            _turnFirstMs = _lastMs;
        _firstTokenMs ??= _lastMs;
    }

    public void Note(PromptProgress progress)
    {
        _queueMs ??= ElapsedMs;
        _progress = progress;
    }

    public void Note(ChatTimings timings) => _timings = timings;

    public void Note(UsageDetails usage) => _usage = usage;

    /// <summary>A turn's confidence: over several turns means are by tokens, the least group is the least of any, the tail the last turn's.</summary>
    public void Note(AgentConfidence turn)
    {
        if (turn.Tokens < 1)
            return;
        if (Confidence is { } before)
        {
            var share = (double)turn.Tokens / (before.Tokens + turn.Tokens);
            turn = turn with
            {
                Tokens = before.Tokens + turn.Tokens,
                Mean = Mix(before.Mean, turn.Mean),
                LowestGroup = Math.Min(before.LowestGroup, turn.LowestGroup),
                Bottom10 = Mix(before.Bottom10, turn.Bottom10),
            };
            double Mix(double a, double b) => (a * (1 - share)) + (b * share);
        }
        Confidence = turn;
    }

    /// <summary>How sure the model was; null where its server doesn't say.</summary>
    public AgentConfidence? Confidence { get; private set; }

    /// <summary>Closes a turn, however it ended.</summary>
    public void EndTurn()
    {
        var prompt = (int?)_usage?.InputTokenCount ?? _progress?.Total ?? 0;
        var cached = (int?)_usage?.CachedInputTokenCount ?? _timings?.CachedTokens ?? _progress?.Cached ?? 0;
        var generated = (int?)_usage?.OutputTokenCount ?? _timings?.GeneratedTokens ?? _arrived;
        LastTurn = new TokenUsage(prompt, cached, generated);
        _done = new TokenUsage(_done.PromptTokens + prompt, _done.CachedTokens + cached, _done.GeneratedTokens + generated);
        if (generated > 1)
        {
            _intervals += generated - 1;
            _intervalMs += _timings?.GeneratedMs ?? _lastMs - _turnFirstMs;
        }
        if (_turns++ == 0)
            _first = _timings;
        _lastMs = ElapsedMs;
        _arrived = 0;
        _usage = null;
        _timings = null;
        _progress = null;
    }

    public TokenUsage Usage => _done;

    /// <summary>The counts of the turn closed last.</summary>
    public TokenUsage LastTurn { get; private set; } = new(0, 0, 0);

    /// <summary>Queue, prefill and first token are the first turn's; the rest covers all turns.</summary>
    public AgentTimings Timings
    {
        get
        {
            var queue = _first?.QueueMs ?? _queueMs ?? 0;
            var firstToken = _first?.TimeToFirstTokenMs ?? _firstTokenMs ?? 0;
            var prefill = _first?.PromptMs ?? Math.Max(0, firstToken - queue);
            return new AgentTimings(queue, prefill, firstToken, _intervalMs > 0 ? _intervals * 1000 / _intervalMs : 0, _lastMs);
        }
    }
}
