namespace MuseWorkbench.Web.Features.Engine;

/// <summary>
/// How long to wait before the next start. A node that served, or was ready for a minute, starts again at once: each such
/// crash took somebody's request or a minute, so it cannot spin. One that did neither waits 1, 2, 4 … s, counted since the
/// last that did: up to 30 s where it never got ready, and up to 4 s where it did, as its files and options are sound then
/// and somebody may be waiting.
/// </summary>
internal sealed class BackOff
{
    public static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestOnceReady = TimeSpan.FromSeconds(4);

    private int _failures;

    /// <param name="readyFor">Null where it never was.</param>
    /// <param name="served">Whether it is known to have generated tokens.</param>
    public TimeSpan Next(TimeSpan? readyFor, bool served)
    {
        if (served || readyFor >= Healthy)
        {
            _failures = 0;
            return TimeSpan.Zero;
        }

        var longest = readyFor is null ? s_longest : s_longestOnceReady;
        var seconds = Math.Min(longest.TotalSeconds, Math.Pow(2, _failures));
        _failures++;
        return TimeSpan.FromSeconds(seconds);
    }

    public void Reset() => _failures = 0;
}
