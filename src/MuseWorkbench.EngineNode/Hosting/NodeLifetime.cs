using Microsoft.Extensions.Hosting;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Why and how the node ends.</summary>
internal sealed class NodeLifetime : IDisposable
{
    /// <summary>How long requests in flight may go on after the node was asked to stop.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private readonly IHostApplicationLifetime _host;
    private readonly NodeEvents _events;
    private readonly CancellationTokenSource _drained = new();
    private int _exitCode = ExitCodes.Ok;
    private ITimer? _timer;

    public NodeLifetime(IHostApplicationLifetime host, NodeEvents events, TimeProvider time)
    {
        _host = host;
        _events = events;
        StartedAt = time.GetUtcNow();
        host.ApplicationStopping.Register(() => _timer = time.CreateTimer(_ => _drained.Cancel(), null, DrainTime, Timeout.InfiniteTimeSpan));
    }

    public DateTimeOffset StartedAt { get; }

    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>The node was asked to stop; endless streams end now.</summary>
    public CancellationToken Stopping => _host.ApplicationStopping;

    /// <summary>Time is up for requests in flight.</summary>
    public CancellationToken Drained => _drained.Token;

    /// <summary>Says why, and stops the node. The first reason counts.</summary>
    public void Fail(int exitCode, string reason)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, ExitCodes.Ok) != ExitCodes.Ok)
        {
            return;
        }

        _events.Failed(reason);
        _host.StopApplication();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _drained.Dispose();
    }
}
