using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using MuseWorkbench.Core;
using MuseWorkbench.Engine;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.EngineNode.Tests.Fakes;

/// <summary>An engine that follows a script.</summary>
internal sealed class FakeEngine : IInferenceEngine, IImageDecoder
{
    public const string ModelId = "fake-model";

    /// <summary>What an image must begin with after a PNG's signature bytes to be "decoded": a 2 × 3 picture.</summary>
    public static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 1];

    private int _decodes;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelInfo Model { get; init; } = new() { Id = ModelId, ContextLength = 4096, Vision = true, MaxSequences = 16, ImageFit = ImageFit.PadSquare };

    public IImageDecoder Images => this;

    public ToolCallFormat ToolCalls { get; init; } = ToolCallFormat.Tagged;

    /// <summary>Requests seen, in order of arrival.</summary>
    public ConcurrentQueue<GenerationRequest> Requests { get; } = new();

    public ConcurrentQueue<ChatTemplateInput> Chats { get; } = new();

    /// <summary>Ids of requests whose enumeration ended by cancellation.</summary>
    public Channel<string> Cancelled { get; } = Channel.CreateUnbounded<string>();

    public Channel<EngineSnapshot> Snapshots { get; } = Channel.CreateUnbounded<EngineSnapshot>();

    public bool Disposed { get; private set; }

    /// <summary>The script; by default progress, three tokens and a finish.</summary>
    public Func<GenerationRequest, CancellationToken, IAsyncEnumerable<GenerationEvent>> Script { get; set; } = (request, _) => Say(request, "Hello", ", ", "world");

    public EngineSnapshot Snapshot { get; set; } = TestSnapshots.Make(1);

    public EngineMetrics Metrics => new()
    {
        Snapshot = Snapshot,
        TimeToFirstToken = new([0.1, 1], [1, 2, 3], 7.5),
        InterToken = new([0.1], [4, 0], 0.2),
        Queue = new([1], [1, 0], 0.1),
        Prefill = new([1], [1, 0], 0.1),
        Decode = new([1], [1, 0], 0.1),
        EndToEnd = new([1], [0, 1], 5),
        Inference = new([1], [0, 1], 4.9),
        StepTokens = new([1, 8], [2, 1, 1], 23),
        PromptComputed = new([10], [1, 0], 6),
        Preemptions = new([0, 1], [1, 0, 0], 0),
    };

    public Task Completion => _completion.Task;

    public void Fail(string message) => _completion.SetException(new EngineFailedException(message));

    public IReadOnlyList<PromptPart> RenderChat(ChatTemplateInput input)
    {
        Chats.Enqueue(input);
        return [.. input.Turns.SelectMany(turn => turn.Content).Select(content => (PromptPart)(content is ChatImage image ? new ImagePart(image.Image) : new TextPart(((ChatText)content).Text, false)))];
    }

    /// <summary>What <c>/slots</c> tells.</summary>
    public IReadOnlyList<EngineSequence> Sequences { get; set; } = [];

    public Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) => Task.FromResult(Sequences);

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        var finished = false;
        try
        {
            await foreach (var happened in Script(request, cancellationToken).WithCancellation(cancellationToken))
            {
                yield return happened;
            }

            finished = true;
        }
        finally
        {
            if (!finished && cancellationToken.IsCancellationRequested)
            {
                Cancelled.Writer.TryWrite(request.Id);
            }
        }
    }

    public IAsyncEnumerable<EngineSnapshot> WatchAsync(CancellationToken cancellationToken) => Snapshots.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Images decoded so far.</summary>
    public int Decodes => Volatile.Read(ref _decodes);

    /// <summary>Where set, decoding waits until it is.</summary>
    public ManualResetEventSlim? DecodeGate { get; init; }

    public RgbImage Decode(ReadOnlyMemory<byte> encoded)
    {
        Interlocked.Increment(ref _decodes);
        DecodeGate?.Wait(Deadline.Token);
        return DecodeNow(encoded);
    }

    private static RgbImage DecodeNow(ReadOnlyMemory<byte> encoded) =>
        encoded.Span.StartsWith(Png) ? new RgbImage(2, 3, new byte[18], "00") : throw new RequestRejectedException("The image is damaged.", "invalid_image");

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        _completion.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>A script: half the prompt is cached, then these texts as tokens 0, 1, 2 …</summary>
    public static async IAsyncEnumerable<GenerationEvent> Say(GenerationRequest request, params string[] texts)
    {
        yield return new PromptProgress(10, 4, 10);
        for (var i = 0; i < texts.Length; i++)
        {
            await Task.Yield();
            yield return Token(request, i, texts[i]);
        }

        yield return Finish(texts.Length);
    }

    public static TokenGenerated Token(GenerationRequest request, int token, string text)
    {
        var top = Enumerable.Range(0, Math.Max(0, request.TopLogProbs)).Select(i => new LogProb(i, [(byte)('a' + i)], -1 - i));
        var chosen = new LogProb(token, Encoding.UTF8.GetBytes(text), -0.5f);
        return new TokenGenerated(token, text, request.TopLogProbs < 0 ? null : new TokenLogProbs(chosen, [.. top]));
    }

    public static GenerationFinished Finish(int tokens, FinishReason reason = FinishReason.Stop, string text = "") =>
        new(reason, text, new GenerationUsage(10, 4, tokens), new GenerationTimings(1, 20, 21, 200) { ArrivedAt = DateTimeOffset.UnixEpoch.AddDays(20000) });

    /// <summary>A script that says one token and then waits to be cancelled.</summary>
    public static async IAsyncEnumerable<GenerationEvent> Hang(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Token(request, 0, "start");
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
