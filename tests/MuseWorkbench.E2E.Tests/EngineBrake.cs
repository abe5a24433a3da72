using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// Holds an engine's process back from outside, so that a run can't end before what is to be seen of it has been seen. A run of the
/// bundled model lasts a second or two; a busy browser doesn't look that often.
/// </summary>
internal sealed partial class EngineBrake(Func<IReadOnlyList<int>> processes) : IDisposable
{
    private const int Continue = 18, Stop = 19;

    // Of each tenth of a second the engine works for one tenth.
    private static readonly TimeSpan s_works = TimeSpan.FromMilliseconds(10), s_rests = TimeSpan.FromMilliseconds(90);

    // Whoever has it decides whether the engine runs.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentBag<ManualResetEventSlim> _slowed = [];

    /// <summary>Stops it between two instructions.</summary>
    /// <returns>Lets it go on.</returns>
    public IDisposable Hold()
    {
        _gate.Wait();
        var held = processes();
        Signal(Stop, held);
        return new Release(() =>
        {
            Signal(Continue, held);
            _gate.Release();
        });
    }

    /// <summary>Makes it some ten times slower.</summary>
    /// <returns>Gives it its speed back. So does disposing the brake.</returns>
    public IDisposable Slow()
    {
        var slowed = processes();
        var over = new ManualResetEventSlim();
        _slowed.Add(over);
        var thread = new Thread(() =>
        {
            while (!over.IsSet)
            {
                _gate.Wait();
                Signal(Continue, slowed);
                Thread.Sleep(s_works);
                Signal(Stop, slowed);
                _gate.Release();
                over.Wait(s_rests);
            }

            Signal(Continue, slowed);
        }) { IsBackground = true };
        thread.Start();
        return new Release(over.Set);
    }

    /// <summary>Gives every slowed engine its speed back: what comes after them may get their process ids.</summary>
    public void Dispose()
    {
        foreach (var over in _slowed)
        {
            over.Set();
        }
    }

    private static void Signal(int signal, IReadOnlyList<int> processes)
    {
        foreach (var process in processes)
        {
            _ = Kill(process, signal); // one that is gone needs no signal
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private sealed class Release(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
