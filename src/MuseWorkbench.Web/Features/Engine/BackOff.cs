namespace MuseWorkbench.Web.Features.Engine;

/// <summary>How long to wait before the next start: 1, 2, 4 … 30 s, from the beginning again after a minute of health.</summary>
internal sealed class BackOff
{
    public static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private int _failures;

    public TimeSpan Next(TimeSpan wasHealthyFor)
    {
        if (wasHealthyFor >= Healthy)
        {
            _failures = 0;
        }

        var seconds = Math.Min(s_longest.TotalSeconds, Math.Pow(2, _failures));
        _failures++;
        return TimeSpan.FromSeconds(seconds);
    }

    public void Reset() => _failures = 0;
}
