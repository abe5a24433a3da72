using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// The one thread that owns the runtime. Between steps it takes in requests and cancellations. Whatever others want of it
/// goes through its mailbox.
/// </summary>
internal sealed partial class EngineLoop
{
    private readonly ILlamaRuntime _runtime;
    private readonly EngineRecorder _recorder;
    private readonly ILogger _logger;
    private readonly EngineCore _core;
    private readonly Mailbox _mailbox = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why it has stopped; null while it runs.</summary>
    private volatile Stop? _stop;

    public EngineLoop(ILlamaRuntime runtime, EmbeddingCache? embeddings, EngineRecorder recorder, EngineLimits limits, ILogger logger)
    {
        _runtime = runtime;
        _recorder = recorder;
        _logger = logger;
        _core = new EngineCore(
            runtime, embeddings, recorder, limits, logger,
            (generation, embedding) => _mailbox.Post(() => TakeEmbedding(generation, embedding)));
    }

    /// <summary>See <see cref="IInferenceEngine.Completion"/>.</summary>
    public Task Completion => _completion.Task;

    internal KvCache Cache => _core.Cache;

    internal Scheduler Scheduler => _core.Scheduler;

    public void Start() => new Thread(Run) { Name = "engine", IsBackground = true }.Start();

    /// <summary>Queues a request. Its events end with an exception where the engine has stopped.</summary>
    public void Submit(Generation generation)
    {
        if (!_mailbox.Post(() => Take(generation)))
        {
            generation.End(_stop!.ToException());
        }
    }

    /// <summary>Drops a request before the next step; nothing where it has ended.</summary>
    public void Cancel(Generation generation) => _mailbox.Post(() => _core.Cancel(generation));

    /// <summary>The sequences as they stand between two steps.</summary>
    public Task<ImmutableArray<EngineSequence>> DescribeAsync()
    {
        // The engine thread must not run what waits for the answer.
        var answer = new TaskCompletionSource<ImmutableArray<EngineSequence>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_mailbox.Post(() => answer.SetResult(_core.Describe())))
        {
            answer.SetException(_stop!.ToException());
        }
        return answer.Task;
    }

    /// <summary>Ends the engine and, with <see cref="EngineFailedException"/>, what is under way.</summary>
    public void Shutdown() => _mailbox.Post(() => Close(new Stop("The engine is shutting down.", null)));

    /// <summary>Takes in what was posted and computes one step. False where there is nothing to compute.</summary>
    internal bool Step()
    {
        try
        {
            while (_stop is null && _mailbox.Take() is { } action)
            {
                action();
            }
            return _stop is null && _core.Step();
        }
        catch (Exception exception)
        {
            Fail(exception);
            return false;
        }
    }

    /// <summary>Waits for something posted. False where the time ran out.</summary>
    internal bool Wait(TimeSpan time) => _mailbox.Wait(time);

    private void Run()
    {
        while (_stop is null)
        {
            var worked = Step();
            var left = Publish();
            if (!worked && _stop is null)
            {
                Wait(left);
            }
        }
        if (_stop.Failure is null)
        {
            _runtime.Dispose();
            _completion.SetResult();
        }
        else
        {
            // Native code that has failed may abort the process when asked to clean up; the process is about to be replaced anyway.
            _completion.SetException(_stop.ToException());
        }
    }

    private TimeSpan Publish()
    {
        try
        {
            return _recorder.PublishIfDue(
                Scheduler.Running.Count, Scheduler.Waiting.Count, Scheduler.Preemptions, Cache.Evictions, Cache.Cells,
                Scheduler.Waiting.Count(s => s.Follows is not null), Cache.StoredBytes);
        }
        catch (Exception exception)
        {
            Fail(exception);
            return TimeSpan.Zero;
        }
    }

    private void Take(Generation generation)
    {
        if (_stop is null)
        {
            _core.Add(generation);
        }
        else
        {
            generation.End(_stop.ToException());
        }
    }

    private void TakeEmbedding(Generation generation, Task<float[]> embedding)
    {
        // One that succeeded only had to wake the loop.
        if (embedding.Exception?.InnerException is { } exception)
        {
            _core.Fail(generation, exception as RequestRejectedException
                ?? (Exception)new EngineFailedException($"An image could not be embedded: {exception.Message}", exception));
        }
    }

    private void Fail(Exception exception)
    {
        LogFailed(_logger, exception);
        Close(new Stop($"Inference failed: {exception.Message}", exception));
    }

    private void Close(Stop stop)
    {
        if (_stop is not null)
        {
            return;
        }
        // Set first: who is refused by the closed mailbox asks why.
        _stop = stop;
        _mailbox.Close();
        while (_mailbox.Take() is { } action)
        {
            action();
        }
        _core.FailAll(stop.ToException);
    }

    /// <summary>Why the engine has stopped; <paramref name="Failure"/> is null where it was asked to.</summary>
    private sealed record Stop(string Message, Exception? Failure)
    {
        /// <summary>A new one each time, as each is thrown on its own.</summary>
        public EngineFailedException ToException() => new(Message, Failure);
    }

    [LoggerMessage(LogLevel.Critical, "The engine failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
