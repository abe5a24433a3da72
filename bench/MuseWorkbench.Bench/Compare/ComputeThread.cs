using System.Collections.Concurrent;

namespace MuseWorkbench.Bench.Compare;

/// <summary>One thread for all that must run on the same one.</summary>
internal sealed class ComputeThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public ComputeThread()
    {
        _thread = new Thread(() =>
        {
            foreach (var action in _work.GetConsumingEnumerable())
            {
                action();
            }
        })
        { IsBackground = true, Name = "compute" };
        _thread.Start();
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var task = new Task<T>(work);
        _work.Add(task.RunSynchronously);
        return task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }
}
