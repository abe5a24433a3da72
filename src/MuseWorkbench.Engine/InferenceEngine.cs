using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Scheduling;
using MuseWorkbench.Engine.Telemetry;

namespace MuseWorkbench.Engine;

/// <summary>One runtime served to many requests. Tokenising and templating run on the callers' threads, all else on the engine's.</summary>
internal sealed class InferenceEngine : IInferenceEngine
{
    private readonly ILlamaRuntime _runtime;
    private readonly EngineLoop _loop;
    private readonly EngineRecorder _recorder;
    private readonly PromptBuilder _prompts;
    private readonly ChatRenderer _chats;
    private readonly TimeProvider _time;
    private readonly IImageEmbedder? _embedder;
    private readonly int _contextLength;

    /// <param name="runtime">Owned from here on.</param>
    /// <param name="embedder">Owned from here on.</param>
    public InferenceEngine(
        string modelId, ILlamaRuntime runtime, IImageDecoder decoder, IImageEmbedder? embedder, EngineOptions options,
        ILogger logger, TimeProvider time)
    {
        var info = runtime.Info;
        _runtime = runtime;
        _time = time;
        _embedder = embedder;
        _contextLength = Math.Min(info.CellCapacity, info.TrainedContext);
        _prompts = new PromptBuilder(runtime, embedder, _contextLength);
        _chats = new ChatRenderer(runtime, embedder, time);
        var embeddings = embedder is null ? null : new EmbeddingCache(embedder, options.ImageCacheBytes, embedder.Serial ? SerialRun() : null);
        _recorder = new EngineRecorder(runtime, embeddings, time);
        _loop = new EngineLoop(runtime, embeddings, _recorder, EngineLimits.From(options, runtime), logger);
        Images = decoder;
        Model = new ModelInfo
        {
            Id = modelId,
            ContextLength = _contextLength,
            Architecture = info.Architecture,
            Grounding = options.Grounding,
            Parameters = info.Parameters,
            SizeBytes = info.SizeBytes,
            Vision = embedder is not null,
            ImageFit = embedder?.Fit ?? ImageFit.Stretch,
            ImageTokens = embedder?.CountTokens(ModelInfo.ImageSide, ModelInfo.ImageSide),
            MaxSequences = info.MaxSequences,
            ChatTemplate = _chats.Source,
            ChatTemplateReason = _chats.Reason,
        };
        _loop.Start();
    }

    public ModelInfo Model { get; }

    public IImageDecoder Images { get; }

    public ToolCallFormat ToolCalls => _chats.ToolCalls;

    public EngineSnapshot Snapshot => _recorder.Snapshot;

    public EngineMetrics Metrics => _recorder.Metrics;

    public Task Completion => _loop.Completion;

    public IReadOnlyList<PromptPart> RenderChat(ChatTemplateInput input) => WhileLoaded(() => _chats.Render(input));

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (elements, images) = WhileLoaded(() =>
        {
            Prepare(request.Sampling);
            return _prompts.Build(request);
        });
        var generation = new Generation(request, elements, images, _contextLength, _time);
        _loop.Submit(generation);
        // A reader that is busy elsewhere must not delay its own cancellation.
        using var registration = cancellationToken.UnsafeRegister(_ => _loop.Cancel(generation), null);
        try
        {
            await foreach (var item in generation.Events.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            _loop.Cancel(generation);
        }
    }

    public async Task<IReadOnlyList<EngineSequence>> GetSequencesAsync(CancellationToken cancellationToken) =>
        await _loop.DescribeAsync().WaitAsync(cancellationToken).ConfigureAwait(false);

    public IAsyncEnumerable<EngineSnapshot> WatchAsync(CancellationToken cancellationToken) =>
        _recorder.Feed.WatchAsync(Completion, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _loop.Shutdown();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        (Images as IDisposable)?.Dispose();
        (_embedder as IDisposable)?.Dispose();
    }

    /// <summary>One at a time, in order, on the thread pool: those that wait keep no thread.</summary>
    private static Func<Func<float[]>, Task<float[]>> SerialRun()
    {
        var factory = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        return factory.StartNew;
    }

    /// <summary>The first constrained request has the tokens' texts indexed, up to a second's work: here, not on the engine's thread.</summary>
    private void Prepare(SamplingOptions sampling)
    {
        if (sampling.Constraint is not null)
        {
            try
            {
                _runtime.CreateSampler(sampling).Dispose();
            }
            catch (ArgumentException exception)
            {
                throw new RequestRejectedException(exception.Message, "invalid_value");
            }
        }
    }

    /// <summary>Runs what needs the tokeniser, which callers may still ask for when the engine is gone.</summary>
    private static T WhileLoaded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ObjectDisposedException exception)
        {
            throw new EngineFailedException("The engine has been shut down.", exception);
        }
    }
}
