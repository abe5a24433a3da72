using MuseWorkbench.Agents.Clients;

namespace MuseWorkbench.Agents.Pool;

/// <summary>Whether requests go to a server.</summary>
public enum BreakerState
{
    /// <summary>It works.</summary>
    Closed,

    /// <summary>It failed too often: none go.</summary>
    Open,

    /// <summary>One goes, to see whether it works again.</summary>
    HalfOpen,
}

/// <summary>
/// Keeps requests from a server that fails them: after <see cref="Threshold"/> failures in a row none go for a while, longer
/// each time it fails again, then a single one tries it. A server that says how long it wants to be left alone is believed.
/// Not thread-safe.
/// </summary>
public sealed class CircuitBreaker(TimeProvider time)
{
    public const int Threshold = 3;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private int _failures;
    private int _openings;
    private bool _probing;
    private bool _open;
    private DateTimeOffset _opensAgain;

    public BreakerState State => !_open ? BreakerState.Closed : time.GetUtcNow() >= _opensAgain ? BreakerState.HalfOpen : BreakerState.Open;

    /// <summary>When the next request may try it, while open.</summary>
    public DateTimeOffset? OpenUntil => State == BreakerState.Open ? _opensAgain : null;

    /// <summary>Whether a request may go now.</summary>
    public bool Allows => State == BreakerState.Closed || (State == BreakerState.HalfOpen && !_probing);

    /// <summary>A request goes; whether it is the one that tries the server.</summary>
    public bool Sent()
    {
        _probing = State == BreakerState.HalfOpen;
        return _probing;
    }

    /// <summary>The one that tries the server ended in a way that says nothing of it: given up by its caller, or refused.</summary>
    public void Withdrawn() => _probing = false;

    public void Succeeded() => (_open, _failures, _openings, _probing) = (false, 0, 0, false);

    public void Failed(ChatClientException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        // Those sent before it was known say nothing new.
        if (State == BreakerState.Open)
            return;
        _failures++;
        if (failure.RetryAfter is null && !_open && _failures < Threshold)
            return;
        var pause = TimeSpan.FromTicks(Math.Min(s_longest.Ticks, s_shortest.Ticks << Math.Min(_openings, 10)));
        if (failure.RetryAfter is { } asked && asked > TimeSpan.Zero)
            pause = asked < s_longest ? asked : s_longest;
        else
            _openings++;
        _opensAgain = time.GetUtcNow() + pause;
        (_open, _probing) = (true, false);
    }
}
