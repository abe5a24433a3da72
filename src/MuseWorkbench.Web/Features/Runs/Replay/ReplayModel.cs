using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Runs.Replay;

/// <summary>
/// A run's events played again at their recorded times: the same fold as live, stopped at a moment. Forwards it folds on,
/// backwards it folds anew. Touched on the circuit's dispatcher only.
/// </summary>
public sealed class ReplayModel
{
    public static readonly IReadOnlyList<int> Speeds = [1, 2, 4];

    private static readonly TimeSpan s_longestStep = TimeSpan.FromHours(1);
    private readonly IReadOnlyList<RunEvent> _events;
    private readonly TimeSpan[] _times;
    private int _next;

    public ReplayModel(IReadOnlyList<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfZero(events.Count);
        (_events, _times) = (events, TimesOf(events));
        View = new RunViewModel(events[0].RunId);
        Seek(TimeSpan.Zero);
    }

    /// <summary>The run as it stood at <see cref="Position"/>.</summary>
    public RunViewModel View { get; private set; }

    public TimeSpan Duration => _times[^1];

    public TimeSpan Position { get; private set; }

    public int Speed { get; private set; } = 1;

    public bool IsPlaying { get; private set; }

    public bool IsAtEnd => Position >= Duration;

    /// <summary>Plays on; from the end, from the beginning.</summary>
    public void Play()
    {
        if (IsAtEnd)
        {
            Seek(TimeSpan.Zero);
        }

        IsPlaying = true;
    }

    public void Pause() => IsPlaying = false;

    public void SetSpeed(int speed) => Speed = Speeds.Contains(speed) ? speed : 1;

    /// <summary>Time has passed; pauses at the end.</summary>
    public void Advance(TimeSpan elapsed)
    {
        if (IsPlaying)
        {
            Seek(Position + (elapsed * Speed));
            IsPlaying = !IsAtEnd;
        }
    }

    /// <summary>Shows the run as it stood that long after its start.</summary>
    public void Seek(TimeSpan position)
    {
        position = position < TimeSpan.Zero ? TimeSpan.Zero : position > Duration ? Duration : position;
        if (position < Position)
        {
            (View, _next) = (new RunViewModel(View.RunId), 0);
        }

        for (Position = position; _next < _events.Count && _times[_next] <= position; _next++)
        {
            View.Apply(_events[_next]);
        }

        View.AsOf = View.StartedAt + position;
    }

    /// <summary>
    /// When each event happened after the start, pauses between segments left out. A clock set back does not run backwards,
    /// and one set forward (or a file that says so) makes nobody wait for hours.
    /// </summary>
    private static TimeSpan[] TimesOf(IReadOnlyList<RunEvent> events)
    {
        var times = new TimeSpan[events.Count];
        for (var i = 1; i < times.Length; i++)
        {
            var step = events[i] is RunResumed ? TimeSpan.Zero : events[i].At - events[i - 1].At;
            times[i] = times[i - 1] + (step < TimeSpan.Zero ? TimeSpan.Zero : step > s_longestStep ? s_longestStep : step);
        }

        return times;
    }
}
