using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Keeps one engine node running beside the workbench, and tells where it stands.</summary>
internal sealed class NodeSupervisor(
    INodeLauncher launcher, IConfiguration configuration, IOptions<NodeOptions> options, TimeProvider time, ILogger<NodeSupervisor> logger)
    : BackgroundService, INodeMonitor
{
    /// <summary>The node's way to say that starting it again won't help.</summary>
    private const int CannotStart = 3;

    private readonly Lock _gate = new();
    private readonly NodeLog _log = new(time);
    private readonly SnapshotHistory _history = new(time);
    private readonly BackOff _backOff = new();
    private TaskCompletionSource _restart = NewSignal();
    private TaskCompletionSource _started = NewSignal();
    private TaskCompletionSource _sleep = NewSignal();
    private TaskCompletionSource _changed = NewSignal();
    private int _failures;
    private string? _failure;
    private NodeStatus _status = new(NodePhase.Starting);
    private NodeConnection? _connection;
    private string? _asleep;
    private DateTimeOffset? _lastAsked;
    private int _restarts;

    public event Action? StatusChanged;

    public event Action? SnapshotArrived;

    /// <summary>Raised on any thread when somebody asks for the node while it sleeps.</summary>
    public event Action? Wanted;

    /// <summary>When somebody last asked for the node.</summary>
    public DateTimeOffset? LastAsked
    {
        get
        {
            lock (_gate)
            {
                return _lastAsked;
            }
        }
    }

    public NodeStatus Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    public EngineSnapshot? Latest => _history.Latest;

    public IReadOnlyList<NodeLogLine> Log => _log.Lines;

    /// <summary>The node to talk to, if it is ready now.</summary>
    public NodeConnection? Connection
    {
        get
        {
            lock (_gate)
            {
                return _connection;
            }
        }
    }

    public IReadOnlyList<EngineSnapshot> History(TimeSpan window, int maxPoints) => _history.Read(window, maxPoints);

    public async Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) =>
        Connection is { } connection ? await connection.GetSequencesAsync(cancellationToken) : [];

    /// <summary>Ends the node until <see cref="RestartAsync"/>, or keeps it from starting.</summary>
    /// <param name="reason">A sentence for the user.</param>
    public void Sleep(string reason)
    {
        lock (_gate)
        {
            _asleep = reason;
            _sleep.TrySetResult();
        }
    }

    public Task RestartAsync()
    {
        lock (_gate)
        {
            _asleep = null;
            _restart.TrySetResult();
            return _started.Task;
        }
    }

    /// <summary>The node to talk to, waiting while it loads or starts again.</summary>
    /// <exception cref="NodeUnavailableException">It failed, was not started, or took longer than <see cref="NodeOptions.WaitSeconds"/>.</exception>
    public async Task<NodeConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var limit = Task.Delay(TimeSpan.FromSeconds(options.Value.WaitSeconds), time, cancellationToken);
        int? before = null;
        while (true)
        {
            NodeStatus status;
            Task changed;
            bool failed;
            string? failure;
            lock (_gate)
            {
                // A failure counts even where the node has been put to sleep before it was seen.
                before ??= _failures;
                (failed, failure) = (_failures != before, _failure);
                _lastAsked = time.GetUtcNow();
                if (_connection is { } connection)
                {
                    return connection;
                }

                (status, changed) = (_status, _changed.Task);
            }

            if (failed || status.Phase is NodePhase.Failed or NodePhase.Stopped)
            {
                throw new NodeUnavailableException((failed ? failure : status.Reason) ?? "The engine is not running.");
            }

            if (status.Phase == NodePhase.Asleep)
            {
                Raise(Wanted);
            }

            if (await Task.WhenAny(changed, limit) == limit)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new NodeUnavailableException($"The engine was not ready within {options.Value.WaitSeconds:0} s (it is {status.Phase.ToString().ToLowerInvariant()}). Try again when it is.");
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var settings = ChangeToken.OnChange(configuration.GetReloadToken, () =>
        {
            // One that sleeps reads them when it is started.
            if (Status.Phase != NodePhase.Asleep && launcher.IsOutdated)
            {
                _ = RestartAsync();
            }
        });
        try
        {
            if (!options.Value.Start)
            {
                Publish(new NodeStatus(NodePhase.Stopped, "The engine was not started (Node:Start is off)."));
                await WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
            }

            while (!stoppingToken.IsCancellationRequested)
            {
                if (await SleepAsync(stoppingToken))
                {
                    await LiveOnceAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The workbench is stopping.
        }

        Publish(new NodeStatus(NodePhase.Stopped, "The workbench is stopping.", Restarts: _restarts));
        lock (_gate)
        {
            _started.TrySetResult(); // nobody waits for a start that won't come
        }
    }

    /// <summary>Waits while it is told to sleep; returns whether it may run.</summary>
    private async Task<bool> SleepAsync(CancellationToken stopping)
    {
        Task wake;
        string? reason;
        lock (_gate)
        {
            _sleep = NewSignal();
            (reason, wake) = (_asleep, _restart.Task);
            if (reason is not null && wake.IsCompleted)
            {
                wake = (_restart = NewSignal()).Task;
            }
        }

        if (reason is null)
        {
            return true;
        }

        Publish(new NodeStatus(NodePhase.Asleep, reason, Restarts: _restarts));
        await wake.WaitAsync(stopping);
        return false;
    }

    private async Task LiveOnceAsync(CancellationToken stopping)
    {
        TaskCompletionSource restart;
        Task sleep;
        lock (_gate)
        {
            restart = _restart = NewSignal();
            sleep = _sleep.Task;
        }

        Publish(new NodeStatus(NodePhase.Starting, Restarts: _restarts));
        lock (_gate)
        {
            _started.TrySetResult();
            _started = NewSignal();
        }

        var end = await RunNodeAsync(Task.WhenAny(restart.Task, sleep), stopping);
        stopping.ThrowIfCancellationRequested();
        if (sleep.IsCompleted)
        {
            _backOff.Reset();
            return;
        }

        if (restart.Task.IsCompleted)
        {
            _backOff.Reset();
        }
        else if (end.ExitCode is null or CannotStart)
        {
            logger.NodeFailed(end.Reason);
            Publish(new NodeStatus(NodePhase.Failed, end.Reason, Restarts: _restarts));
            await WaitAsync(Timeout.InfiniteTimeSpan, stopping);
            _backOff.Reset();
        }
        else
        {
            var delay = _backOff.Next(end.ReadyFor, end.Served);
            logger.NodeRestarts(end.Reason, delay.TotalSeconds);
            Publish(new NodeStatus(NodePhase.Restarting, end.Reason, Restarts: _restarts, NextAttempt: time.GetUtcNow() + delay));
            if (delay > TimeSpan.Zero)
            {
                await WaitAsync(delay, stopping);
            }
        }

        _restarts++;
    }

    /// <param name="ends">Completes where the node is to end.</param>
    /// <param name="stopping">The workbench's end.</param>
    private async Task<NodeEnd> RunNodeAsync(Task ends, CancellationToken stopping)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            await using var child = launcher.Start(key);
            logger.NodeStarted(child.ProcessId);
            _log.Add(LogLevel.Information, $"Started as process {child.ProcessId}.");
            var life = new NodeLife(child, key, _log, time, logger)
            {
                Loading = progress => Publish(new NodeStatus(NodePhase.Loading, LoadProgress: progress, Restarts: _restarts)),
                Ready = connection =>
                {
                    logger.NodeReady(connection.Model!.Id);
                    Publish(new NodeStatus(NodePhase.Ready, Model: connection.Model, Restarts: _restarts), connection);
                },
                Measured = snapshot =>
                {
                    _history.Add(snapshot);
                    Raise(SnapshotArrived);
                },
            };
            var running = life.RunAsync(stop.Token);
            await Task.WhenAny(running, ends);
            await stop.CancelAsync();
            var end = await running;
            _log.Add(LogLevel.Information, $"Process {child.ProcessId} ended with exit code {end.ExitCode}.");
            return end;
        }
        catch (NodeUnavailableException e)
        {
            return new NodeEnd(null, e.Message, ReadyFor: null, Served: false);
        }
    }

    /// <summary>Waits for the time to pass, or until it is told to start or to sleep.</summary>
    private async Task WaitAsync(TimeSpan duration, CancellationToken stopping)
    {
        Task restart, sleep;
        lock (_gate)
        {
            (restart, sleep) = (_restart.Task, _sleep.Task);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(restart, sleep, Task.Delay(duration, time, over.Token));
        await over.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private void Publish(NodeStatus status, NodeConnection? connection = null)
    {
        lock (_gate)
        {
            _status = status;
            _connection = connection;
            if (status.Phase == NodePhase.Failed)
            {
                (_failures, _failure) = (_failures + 1, status.Reason);
            }

            _changed.TrySetResult();
            _changed = NewSignal();
        }

        Raise(StatusChanged);
    }

    private void Raise(Action? listeners)
    {
        foreach (var listener in Delegate.EnumerateInvocationList(listeners))
        {
            try
            {
                listener();
            }
            catch (Exception e)
            {
                logger.ListenerFailed(e); // one circuit's trouble is not the node's
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
