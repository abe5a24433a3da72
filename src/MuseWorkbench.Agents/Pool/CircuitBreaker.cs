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
    private DateTimeOffset _opensAgain;

    public BreakerState State { get; private set; }

    /// <summary>When the next request may try it, while open.</summary>
    public DateTimeOffset? OpenUntil => State == BreakerState.Open ? _opensAgain : null;

    /// <summary>Whether a request may go now.</summary>
    public bool Allows
    {
        get
        {
            if (State == BreakerState.Open && time.GetUtcNow() >= _opensAgain)
                (State, _probing) = (BreakerState.HalfOpen, false);
            return State == BreakerState.Closed || (State == BreakerState.HalfOpen && !_probing);
        }
    }

    /// <summary>A request goes.</summary>
    public void Sent() => _probing = State == BreakerState.HalfOpen;

    /// <summary>It ended in a way that says nothing of the server: given up by its caller, or refused.</summary>
    public void Withdrawn() => _probing = false;

    public void Succeeded()
    {
        (State, _failures, _openings, _probing) = (BreakerState.Closed, 0, 0, false);
    }

    public void Failed(ChatClientException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        _failures++;
        if (failure.RetryAfter is null && State == BreakerState.Closed && _failures < Threshold)
            return;
        var pause = TimeSpan.FromTicks(Math.Min(s_longest.Ticks, s_shortest.Ticks << Math.Min(_openings, 10)));
        if (failure.RetryAfter is { } asked && asked > TimeSpan.Zero)
            pause = asked < s_longest ? asked : s_longest;
        else
            _openings++;
        var until = time.GetUtcNow() + pause;
        _opensAgain = State == BreakerState.Open && _opensAgain > until ? _opensAgain : until;
        (State, _probing) = (BreakerState.Open, false);
    }

    /// <summary>The server began anew: what it did before says nothing.</summary>
    public void Reset() => Succeeded();
}
