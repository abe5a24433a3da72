using System.Text;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.EngineNode.Errors;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Writes what the sequences say, as one reply or as a stream of chunks.</summary>
internal sealed class ChatReply(ChatJob job, string model, long arrived, TimeProvider time)
{
    private readonly GenerationFinished?[] _finished = new GenerationFinished?[job.Sequences.Count];
    private readonly ConfidenceTrace[]? _confidences =
        job.Request.ConfidenceWindow is { } window ? [.. job.Sequences.Select(_ => new ConfidenceTrace(window))] : null;
    private readonly ToolCallSplitter[]? _splitters =
        job.Request.Tools is { } tools ? [.. job.Sequences.Select(_ => new ToolCallSplitter(tools.Format, tools.Names))] : null;

    /// <summary>Why each sequence ended, as the reply says it.</summary>
    public IReadOnlyList<string> FinishReasons => [.. AllFinished().Select((finished, index) => Name(index, finished))];

    /// <summary>One JSON object, once all sequences have finished.</summary>
    /// <returns>How each sequence finished.</returns>
    public async Task<IReadOnlyList<GenerationFinished>> CollectAsync(HttpContext context, SequenceSet sequences, CancellationToken cancellationToken)
    {
        var calls = Array.ConvertAll(_finished, _ => new List<ReplyToolCall>());
        var texts = Array.ConvertAll(_finished, _ => new StringBuilder());
        var logProbs = Array.ConvertAll(_finished, _ => new List<TokenLogProbBody>());
        await foreach (var (index, happened) in sequences.Events.ReadAllAsync(cancellationToken))
        {
            switch (happened)
            {
                case TokenGenerated token:
                    Take(index, token.Text);
                    Count(index, token);
                    if (token.LogProbs is { } probabilities)
                    {
                        logProbs[index].Add(ChatMath.LogProb(probabilities));
                    }

                    break;
                case GenerationFinished finished:
                    Take(index, finished.Text, final: true);
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
                new ReplyMessage(
                    calls[index].Count > 0 && texts[index].Length == 0 ? null : texts[index].ToString(),
                    calls[index].Count > 0 ? calls[index] : null),
                job.Request.TopLogProbs < 0 ? null : new LogProbsBody(logProbs[index]),
                Name(index, finished),
                ChatMath.Confidence(_confidences?[index], job.Request.ConfidenceWindow)))],
            Usage = ChatMath.Usage(all),
            Timings = all.Count == 1 ? ChatMath.Timings(all[0]) : ChatMath.Timings(all),
            Prompt = job.Request.ReturnPrompt ? job.PromptText : null,
        };
        await context.Response.WriteAsJsonAsync(reply, ApiJson.Options, cancellationToken);
        return all;

        void Take(int index, string text, bool final = false)
        {
            var (content, called) = Split(index, text, final);
            texts[index].Append(content);
            calls[index].AddRange(called.Select(call => new ReplyToolCall(call.Id, call.Function)));
        }
    }

    /// <summary>Server-sent events, as the sequences go.</summary>
    /// <returns>How each sequence finished.</returns>
    public async Task<IReadOnlyList<GenerationFinished>> StreamAsync(HttpContext context, SequenceSet sequences, CancellationToken cancellationToken)
    {
        var writer = SseWriter.Start(context, ApiJson.Options);
        for (var index = 0; index < _finished.Length; index++)
        {
            writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta("", "assistant"))) with
            {
                Prompt = index == 0 && job.Request.ReturnPrompt ? job.PromptText : null,
            });
        }

        await writer.FlushAsync();
        while (await sequences.Events.WaitToReadAsync(cancellationToken))
        {
            while (sequences.Events.TryRead(out var next))
            {
                Write(writer, next);
            }

            await writer.FlushAsync();
            if (_finished.Length > 1)
            {
                // The engine gives each sequence's events together; here those of all travel together.
                await Task.WhenAny(sequences.Ended, Task.Delay(ApiLimits.StreamInterval, time, cancellationToken));
            }
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
            case TokenGenerated token:
                Count(index, token);
                var (content, calls) = Split(index, token.Text, final: false);
                if (content.Length == 0 && calls.Count == 0 && token.LogProbs is null)
                {
                    break;
                }

                var logProbs = token.LogProbs is { } probabilities ? new LogProbsBody([ChatMath.LogProb(probabilities)]) : null;
                writer.Data(Chunk(new ChunkChoice(index, Delta(content, calls), logProbs) { GroupConfidence = ChatMath.Group(_confidences?[index]) }));
                break;
            case GenerationFinished finished:
                _finished[index] = finished;
                var (rest, last) = Split(index, finished.Text, final: true);
                if (rest.Length > 0 || last.Count > 0)
                {
                    writer.Data(Chunk(new ChunkChoice(index, Delta(rest, last))));
                }

                writer.Data(Chunk(new ChunkChoice(index, new ChunkDelta(), FinishReason: Name(index, finished))
                {
                    Confidence = ChatMath.Confidence(_confidences?[index], job.Request.ConfidenceWindow),
                }) with { Timings = ChatMath.Timings(finished) });
                break;
        }
    }

    /// <summary>Text and calls; without tools all is text, as the model wrote it.</summary>
    private (string Text, IReadOnlyList<ToolCallBody> Calls) Split(int index, string text, bool final) =>
        _splitters is null ? (text, []) : _splitters[index].Append(text, final);

    private void Count(int index, TokenGenerated token)
    {
        if (token.Confidence is { } confidence)
        {
            _confidences?[index].Add(confidence);
        }
    }

    private string Name(int index, GenerationFinished finished) =>
        finished.Reason == FinishReason.Stop && _splitters?[index].Count > 0 ? "tool_calls" : ChatMath.Name(finished.Reason);

    private static ChunkDelta Delta(string text, IReadOnlyList<ToolCallBody> calls) =>
        new(text.Length > 0 || calls.Count == 0 ? text : null, ToolCalls: calls.Count > 0 ? calls : null);

    private ChatChunk Chunk(params ChunkChoice[] choices) =>
        new() { Id = job.Id, Created = job.Created, Model = model, SystemFingerprint = Build.Fingerprint, Choices = choices };

    private List<GenerationFinished> AllFinished() =>
        [.. _finished.Select(finished => finished ?? throw new EngineFailedException("The engine ended a sequence without finishing it."))];
}
