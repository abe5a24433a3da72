using MuseWorkbench.Curation.Experiments;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>
/// Tells a page that experiments changed, at most twice a second however often they do; the last change is never lost.
/// </summary>
internal sealed class ChangeWatch : IDisposable
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(500);

    private readonly ExperimentService _service;
    private readonly Guid? _experiment;
    private readonly ITimer _timer;
    private int _due;

    /// <param name="experiment">The one watched; null for all.</param>
    /// <param name="changed">Called on a timer's thread.</param>
    public ChangeWatch(ExperimentService service, Guid? experiment, TimeProvider time, Action changed)
    {
        (_service, _experiment) = (service, experiment);
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _due, 0);
                changed();
            }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _service.Changed += OnChanged;
    }

    public void Dispose()
    {
        _service.Changed -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(Guid experiment)
    {
        if ((_experiment is null || experiment == _experiment) && Interlocked.Exchange(ref _due, 1) == 0)
        {
            _timer.Change(s_least, Timeout.InfiniteTimeSpan);
        }
    }
}
