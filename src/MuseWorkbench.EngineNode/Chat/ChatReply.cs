using System.Text;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Writes what the sequences say, as one reply or as a stream of chunks.</summary>
internal sealed class ChatReply(ChatJob job, string model, long arrived, TimeProvider time)
{
    private readonly GenerationFinished?[] _finished = new GenerationFinished?[job.Sequences.Count];

    /// <summary>One JSON object, once all sequences have finished.</summary>
    /// <returns>How each sequence finished.</returns>
    public async Task<IReadOnlyList<GenerationFinished>> CollectAsync(HttpContext context, SequenceSet sequences, CancellationToken cancellationToken)
    {
        var texts = Array.ConvertAll(_finished, _ => new StringBuilder());
        var logProbs = Array.ConvertAll(_finished, _ => new List<TokenLogProbBody>());
        await foreach (var (index, happened) in sequences.Events.ReadAllAsync(cancellationToken))
        {
            switch (happened)
            {
                case TokenGenerated token:
                    texts[index].Append(token.Text);
                    if (token.LogProbs is { } probabilities)
                    {
                        logProbs[index].Add(ChatMath.LogProb(probabilities));
                    }

                    break;
                case GenerationFinished finished:
                    texts[index].Append(finished.Text);
                    _finished[index] = finished;
                    break;
            }
        }

        var all = AllFinished();
        var reply = new ChatCompletion
        {
            Id = job.Id,
            Created = job.Created,
            Model = model,
            SystemFingerprint = Build.Fingerprint,
            Choices = [.. all.Select((finished, index) => new ChatChoice(
                index,
                new ReplyMessage(texts[index].ToString()),
                job.Request.TopLogProbs < 0 ? null : new LogProbsBody(logProbs[index]),
                ChatMath.Name(finished.Reason)))],
            Usage = ChatMath.Usage(all),
            Timings = all.Count == 1 ? ChatMath.Timings(all[0]) : ChatMath.Timings(all),
        };
        await context.Response.WriteAsJsonAsync(reply, ApiJson.Options, cancellationToken);
        return all;
    }

    /// <summary>Server-sent events, as the sequences go.</summary>
    /// <returns>How each sequence finished.</returns>
    public async Task<IReadOnlyList<GenerationFinished>> StreamAsync(HttpContext context, SequenceSet sequences, CancellationToken cancellationToken)
    {
        var writer = SseWriter.Start(context, ApiJson.Options);
        for (var index = 0; index < _finished.Length; index++)
        {
            writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta("", "assistant"))));
        }

        await writer.FlushAsync();
        while (await sequences.Events.WaitToReadAsync(cancellationToken))
        {
            while (sequences.Events.TryRead(out var next))
            {
                Write(writer, next);
            }

            await writer.FlushAsync();
        }

        var all = AllFinished();
        if (job.Request.IncludeUsage)
        {
            writer.Data(Chunk() with { Usage = ChatMath.Usage(all) });
        }

        writer.DataText("[DONE]");
        await writer.FlushAsync();
        return all;
    }

    /// <summary>Ends a stream that has begun with the reason why it is not whole.</summary>
    public static async Task WriteErrorAsync(HttpContext context, ApiError error)
    {
        await context.Response.WriteAsync($"data: {error.ToJson()}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private void Write(SseWriter writer, SequenceEvent next)
    {
        var index = next.Index;
        switch (next.Event)
        {
            case PromptProgress progress when job.Request.ReturnProgress:
                var elapsed = Math.Round(time.GetElapsedTime(arrived).TotalMilliseconds, 3);
                writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta())) with
                {
                    PromptProgress = new ProgressBody(progress.Total, progress.Cached, progress.Processed, elapsed),
                });
                break;
            case TokenGenerated { Text.Length: > 0 } or TokenGenerated { LogProbs: not null }:
                var token = (TokenGenerated)next.Event;
                var logProbs = token.LogProbs is { } probabilities ? new LogProbsBody([ChatMath.LogProb(probabilities)]) : null;
                writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta(token.Text), logProbs)));
                break;
            case GenerationFinished finished:
                _finished[index] = finished;
                if (finished.Text.Length > 0)
                {
                    writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta(finished.Text))));
                }

                writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta(), FinishReason: ChatMath.Name(finished.Reason))) with { Timings = ChatMath.Timings(finished) });
                break;
        }
    }

    private ChatChunk Chunk(params ChunkChoice[] choices) =>
        new() { Id = job.Id, Created = job.Created, Model = model, SystemFingerprint = Build.Fingerprint, Choices = choices };

    private List<GenerationFinished> AllFinished() =>
        [.. _finished.Select(finished => finished ?? throw new EngineFailedException("The engine ended a sequence without finishing it."))];
}
