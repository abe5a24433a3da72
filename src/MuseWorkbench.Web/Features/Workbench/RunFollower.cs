using System.Threading.Channels;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// Reads a run's events and hands them over in batches, at most twenty a second: the first at once, the last never lost.
/// The run itself belongs to the server and does not notice who follows.
/// </summary>
public sealed class RunFollower(IRunService runs, TimeProvider time)
{
    /// <summary>Least time between two batches.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(50);

    /// <summary>Follows from after <paramref name="afterSeq"/> to the run's end; <paramref name="onBatch"/> is awaited, so a slow page slows only itself.</summary>
    /// <exception cref="KeyNotFoundException">No such run is held.</exception>
    public async Task FollowAsync(Guid runId, long afterSeq, Func<IReadOnlyList<RunEvent>, Task> onBatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onBatch);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<RunEvent>(new BoundedChannelOptions(8192) { SingleReader = true, SingleWriter = true });
        var reading = PumpAsync(runId, afterSeq, events.Writer, ended.Token);
        try
        {
            while (await events.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<RunEvent>();
                while (events.Reader.TryRead(out var e))
                {
                    batch.Add(e);
                }

                await onBatch(batch);
                await Task.Delay(Frame, time, cancellationToken);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await reading;
        }
    }

    private async Task PumpAsync(Guid runId, long afterSeq, ChannelWriter<RunEvent> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var e in runs.ReadAsync(runId, afterSeq, cancellationToken))
            {
                await writer.WriteAsync(e, cancellationToken);
            }

            writer.Complete();
        }
        catch (Exception e)
        {
            // The reader of the channel throws it where it is awaited.
            writer.Complete(e);
        }
    }
}
