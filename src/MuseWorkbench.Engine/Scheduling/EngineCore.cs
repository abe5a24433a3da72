using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>The requests under way and the step that moves them: plan, decode, draw. The engine thread's own; see <see cref="EngineLoop"/>.</summary>
/// <param name="embedded">Told, on any thread, when an embedding asked for is there or has failed.</param>
internal sealed partial class EngineCore(
    ILlamaRuntime runtime, EmbeddingCache? embeddings, EngineRecorder recorder, EngineLimits limits, ILogger logger,
    Action<Generation, Task<float[]>> embedded)
{
    /// <summary>Logits to draw from in one step above which workers pay off; below it waking them costs more.</summary>
    internal const int ParallelDraw = 128 * 1024;

    private readonly Dictionary<Sequence, Generation> _generations = [];
    private readonly List<(Generation Generation, ReadOnlyMemory<float> Logits)> _draws = [];

    private readonly PromptBudget _promptBudget = new(runtime.Info.MaxBatch, limits.StallMs);

    public KvCache Cache { get; } = new(runtime.Info.CellCapacity, runtime.Info.MaxSequences, limits.Prefixes);

    public Scheduler Scheduler => field ??= new Scheduler(Cache, runtime.Info.MaxBatch, embeddings?.Embedder.NonCausal ?? false);

    /// <summary>Takes a request in; ends it where its sampling options are wrong.</summary>
    public void Add(Generation generation)
    {
        try
        {
            generation.CreateSampler(runtime);
        }
        catch (ArgumentException exception)
        {
            generation.End(new RequestRejectedException(exception.Message, "invalid_value"));
            return;
        }
        _generations.Add(generation.Sequence, generation);
        Scheduler.Add(generation.Sequence);
    }

    public void Cancel(Generation generation)
    {
        if (!generation.Ended)
        {
            recorder.Cancelled();
            // Who cuts an answer short may go on with it, as one does who wants its end now.
            generation.Sequence.KeepsAnswer = true;
            Forget(generation);
            generation.End(new OperationCanceledException());
        }
    }

    public void Fail(Generation generation, Exception exception)
    {
        if (!generation.Ended)
        {
            recorder.Failed();
            Forget(generation);
            generation.End(exception);
        }
    }

    /// <summary>Every sequence under way and every pinned prompt.</summary>
    public ImmutableArray<EngineSequence> Describe() => SequenceReport.Of(_generations, Scheduler, Cache);

    /// <summary>Ends every request, without touching the runtime but for their samplers.</summary>
    public void FailAll(Func<Exception> exception)
    {
        foreach (var generation in _generations.Values)
        {
            recorder.Failed();
            generation.End(exception());
        }
        _generations.Clear();
    }

    /// <summary>False where there is nothing to compute.</summary>
    public bool Step()
    {
        var plan = Scheduler.Plan(IsEmbedded, _promptBudget.Rows);
        foreach (var sequence in plan.Admitted)
        {
            Admit(_generations[sequence]);
        }
        ApplyCommands();
        if (plan.IsEmpty || plan.Batch.Rows > plan.Rows.Count)
        {
            // What is held is not to wait for a long step, or for none.
            Deliver(all: true);
        }
        if (plan.IsEmpty)
        {
            return false;
        }
        if (plan.Image is { } image)
        {
            var rows = plan.Rows[0];
            var width = runtime.Info.EmbeddingWidth;
            plan.Batch.Embeddings = _generations[rows.Sequence].Embeddings[image].Result
                .AsMemory((rows.From - image.Start + image.FirstRow) * width, rows.Count * width);
        }
        foreach (var rows in plan.Rows)
        {
            _generations[rows.Sequence].Clock.Step();
        }
        var started = recorder.Now();
        switch (runtime.Decode(plan.Batch))
        {
            case DecodeStatus.Ok:
                Scheduler.Complete();
                Learn(plan, recorder.SinceStep(started));
                Draw(plan);
                recorder.EndStep(started, plan);
                break;
            case DecodeStatus.NoSlot:
                LogNoSlot(logger, plan.Batch.Rows, Cache.Free);
                GiveUpCells(plan);
                break;
            case var status:
                throw new InvalidOperationException($"a decode ended with {status}");
        }
        ApplyCommands();
        Deliver(all: false);
        return true;
    }

    /// <param name="all">Due or not.</param>
    private void Deliver(bool all)
    {
        var now = recorder.Now();
        foreach (var generation in _generations.Values)
        {
            generation.Deliver(now, all);
        }
    }

    private void Admit(Generation generation)
    {
        if (!generation.Started)
        {
            generation.Started = true;
            recorder.Admitted(generation.Sequence);
        }
        generation.ReportProgress();
        foreach (var span in generation.Sequence.Elements.Images)
        {
            if (span.End > generation.Sequence.Computed && !generation.Embeddings.ContainsKey(span))
            {
                // The slices of an image are embedded together.
                var embedding = generation.Embeddings.FirstOrDefault(e => e.Key.Image == span.Image).Value;
                if (embedding is null)
                {
                    embedding = embeddings!.GetAsync(generation.Images[span.Image], () => !generation.Ended);
                    embedding.ContinueWith(
                        done => embedded(generation, done),
                        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }
                generation.Embeddings.Add(span, embedding);
            }
        }
    }

    private void Learn(StepPlan plan, TimeSpan time)
    {
        var generating = plan.Rows.Count(r => r.From >= r.Sequence.PromptLength);
        _promptBudget.Observe(plan.Batch.Rows - generating, generating, time.TotalMilliseconds);
    }

    private void GiveUpCells(StepPlan plan)
    {
        if (Scheduler.Relieve())
        {
            return;
        }
        Fail(_generations[plan.Rows[0].Sequence], new EngineFailedException("The KV cache has no room for the request."));
    }

    private void Draw(StepPlan plan)
    {
        _draws.Clear();
        foreach (var rows in plan.Rows)
        {
            var generation = _generations[rows.Sequence];
            if (plan.Image is { } image && rows.From + rows.Count == image.End)
            {
                generation.Embeddings.Remove(image);
            }
            if (rows.From < rows.Sequence.PromptLength)
            {
                generation.ReportProgress();
            }
            if (rows.LogitsRow >= 0)
            {
                generation.Clock.PromptComputed();
                _draws.Add((generation, runtime.GetLogits(rows.LogitsRow)));
            }
        }
        if (_draws.Count > 1 && (long)_draws.Count * runtime.Info.VocabularySize >= ParallelDraw)
        {
            Parallel.ForEach(_draws, draw => draw.Generation.Draw(draw.Logits.Span, runtime));
        }
        else
        {
            foreach (var (generation, logits) in _draws)
            {
                generation.Draw(logits.Span, runtime);
            }
        }
        foreach (var (generation, _) in _draws)
        {
            TakeDraw(generation);
        }
    }

    private void TakeDraw(Generation generation)
    {
        if (generation.DrawFailure is { } failure)
        {
            Fail(generation, failure as RequestRejectedException ?? (Exception)new EngineFailedException(failure.Message, failure));
            return;
        }
        recorder.Token(generation.Clock.Token());
        if (generation.Accept(runtime) is { } reason)
        {
            recorder.Finished(generation);
            Forget(generation);
            generation.Finish(reason);
        }
    }

    private void Forget(Generation generation)
    {
        if (_generations.Remove(generation.Sequence))
        {
            Scheduler.Remove(generation.Sequence);
        }
    }

    private bool IsEmbedded(Sequence sequence, ImageSpan image) =>
        _generations[sequence].Embeddings.TryGetValue(image, out var embedding) && embedding.IsCompletedSuccessfully;

    private void ApplyCommands()
    {
        while (Cache.Commands.TryDequeue(out var command))
        {
            switch (command)
            {
                case KvCommand.Share share:
                    runtime.CopySequence(share.Source, share.Sequence, 0, share.To);
                    break;
                case KvCommand.Cut cut:
                    if (!runtime.RemoveSequence(cut.Sequence, cut.From, -1))
                    {
                        throw new NotSupportedException("this model's memory can't be cut, and prefixes can't be shared without that");
                    }
                    break;
                case KvCommand.Save save:
                    save.Piece.Cells = runtime.SaveCells(save.Sequence, save.From, save.To);
                    break;
                case KvCommand.Load load:
                    runtime.LoadCells(load.Piece.Cells!, load.Sequence, load.From, load.To);
                    break;
                case KvCommand.Drop drop:
                    drop.Piece.Cells?.Dispose();
                    break;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The runtime found no room for {Rows} rows where {Free} cells are counted free.")]
    private static partial void LogNoSlot(ILogger logger, int rows, int free);
}
