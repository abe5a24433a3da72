using System.Threading.Channels;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Telemetry;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>What happened to one sequence of several.</summary>
internal readonly record struct SequenceEvent(int Index, GenerationEvent Event);

/// <summary>
/// Several sequences generated at once, their events in one channel as they come. One that fails ends them all:
/// they are one request. Disposing cancels what still runs and waits until the engine has let go of it.
/// </summary>
internal sealed class SequenceSet : IAsyncDisposable
{
    // Unbounded: the engine never waits for its reader, so what is not taken is held somewhere; a sequence's tokens are few.
    // The pump's thread goes on as the reader: waking another would take a core from those that compute.
    private readonly Channel<SequenceEvent> _events = Channel.CreateUnbounded<SequenceEvent>(
        new() { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly CancellationTokenSource _stop;
    private readonly Task _pumps;

    public SequenceSet(IInferenceEngine engine, IReadOnlyList<GenerationRequest> requests, RequestMetrics metrics, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = _stop.Token;
        _pumps = CompleteAsync([.. requests.Select((request, index) => Task.Run(() => PumpAsync(engine, request, index, metrics, token), CancellationToken.None))]);
    }

    /// <summary>Ends when every sequence has finished; ends with the exception of the first that failed.</summary>
    public ChannelReader<SequenceEvent> Events => _events.Reader;

    /// <summary>Completes when nothing more comes after what is in <see cref="Events"/>. Never fails.</summary>
    public Task Ended => _pumps;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pumps;
        _stop.Dispose();
    }

    private async Task PumpAsync(IInferenceEngine engine, GenerationRequest request, int index, RequestMetrics metrics, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var happened in engine.GenerateAsync(request, cancellationToken).ConfigureAwait(false))
            {
                if (happened is GenerationFinished finished)
                {
                    metrics.Finished(finished);
                }

                _events.Writer.TryWrite(new SequenceEvent(index, happened));
            }
        }
        catch (Exception error)
        {
            if (error is not RequestRejectedException)
            {
                metrics.Broken(cancelled: error is OperationCanceledException);
            }

            _events.Writer.TryComplete(error);
            await _stop.CancelAsync();
        }
    }

    private async Task CompleteAsync(Task[] pumps)
    {
        await Task.WhenAll(pumps);
        _events.Writer.TryComplete();
    }
}
