using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Tests.Scheduling;

namespace MuseWorkbench.Engine.Tests;

/// <summary>The engine with its thread, over a fake runtime.</summary>
public sealed class InferenceEngineTests : IAsyncDisposable
{
    private readonly FakeRuntime _runtime = new(context: 200) { Script = _ => 'a' };
    private readonly InferenceEngine _engine;

    public InferenceEngineTests() =>
        _engine = new InferenceEngine("fake", _runtime, new NoDecoder(), new FakeEmbedder(), new EngineOptions(), NullLogger.Instance, TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task Generate_WithImage_StreamsProgressTokensAndOneFinish()
    {
        var events = await _engine.GenerateAsync(Ask(5, new ImagePart(FakeEmbedder.Image("A"))), Token).ToListAsync(Token);

        Assert.IsType<PromptProgress>(events[0]);
        Assert.Equal(5, events.OfType<TokenGenerated>().Count());
        Assert.Equal(new GenerationUsage(9, 0, 5), Assert.IsType<GenerationFinished>(events[^1]).Usage);
        Assert.Equal(("fake", 200, true), (_engine.Model.Id, _engine.Model.ContextLength, _engine.Model.Vision));
    }

    [Fact]
    public async Task Generate_CannotFit_IsRejectedAtTheFirstMove()
    {
        var stream = _engine.GenerateAsync(Ask(5, new TextPart(new string('x', 300), true)), Token);

        var rejection = await Assert.ThrowsAsync<RequestRejectedException>(() => stream.ToListAsync(Token).AsTask());

        Assert.Equal("context_length_exceeded", rejection.Code);
    }

    [Fact]
    public async Task Generate_BiasBeyondTheVocabulary_IsRejectedByName()
    {
        var biased = new SamplingOptions { LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(_runtime.Info.VocabularySize, 1) };

        var rejection = await Assert.ThrowsAsync<RequestRejectedException>(
            () => _engine.GenerateAsync(Ask(5) with { Sampling = biased }, Token).ToListAsync(Token).AsTask());

        Assert.Equal(("invalid_value", "logit_bias"), (rejection.Code, rejection.Parameter));
    }

    [Fact]
    public async Task Generate_CancelledWhileItsReaderIsElsewhere_EndsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        await using var reader = _engine.GenerateAsync(Ask(100) with { Id = "slow" }, stop.Token).GetAsyncEnumerator(Token);
        _runtime.Gate = new SemaphoreSlim(3);
        Assert.True(await reader.MoveNextAsync());

        await stop.CancelAsync();
        _runtime.Gate.Release(1000);

        var snapshot = await WatchUntilAsync(s => s.Counters.RequestsCancelled == 1);
        Assert.Equal((0, 0, 0), (snapshot.Running, snapshot.Kv.Private, snapshot.Kv.Shared));
    }

    [Fact]
    public async Task Generate_ReaderLeavesEarly_IsCancelled()
    {
        _runtime.Gate = new SemaphoreSlim(3);
        await foreach (var _ in _engine.GenerateAsync(Ask(100), Token))
        {
            break;
        }
        _runtime.Gate.Release(1000);

        await WatchUntilAsync(s => s is { Running: 0, Counters.RequestsCancelled: 1 });
    }

    [Fact]
    public async Task Dispose_Idle_DisposesTheRuntimeAndCompletes()
    {
        var watching = _engine.WatchAsync(Token).ToListAsync(Token).AsTask();

        await _engine.DisposeAsync();

        Assert.True(_engine.Completion.IsCompletedSuccessfully);
        Assert.True(_runtime.Disposed);
        await watching;
        await Assert.ThrowsAsync<EngineFailedException>(() => _engine.GenerateAsync(Ask(1), Token).ToListAsync(Token).AsTask());
    }

    [Fact]
    public async Task Decode_Fails_EndsTheEngineAndLeavesTheRuntimeAlone()
    {
        _runtime.Answers.Enqueue(DecodeStatus.Failed);

        await Assert.ThrowsAsync<EngineFailedException>(() => _engine.GenerateAsync(Ask(1), Token).ToListAsync(Token).AsTask());

        await Assert.ThrowsAsync<EngineFailedException>(() => _engine.Completion.WaitAsync(Token));
        Assert.False(_runtime.Disposed);
        await Assert.ThrowsAsync<EngineFailedException>(() => _engine.GenerateAsync(Ask(1), Token).ToListAsync(Token).AsTask());
    }

    [Fact]
    public async Task Generate_ManyCallers_AllEndAndNothingIsLeft()
    {
        var image = new ImagePart(FakeEmbedder.Image("A"));
        var runs = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(
            () => _engine.GenerateAsync(Ask(1 + (i % 7), image), Token).ToListAsync(Token).AsTask(), Token)));

        Assert.All(runs, (events, i) => Assert.Equal(1 + (i % 7), events.OfType<TokenGenerated>().Count()));
        var snapshot = await WatchUntilAsync(s => s.Counters.RequestsFinished == 60);
        Assert.Equal((0, 0, 9), (snapshot.Kv.Private, snapshot.Kv.Shared, snapshot.Kv.Pinned));
        Assert.Equal(1, snapshot.Counters.ImageEncodes);
        Assert.Equal(60, _engine.Metrics.EndToEnd.Count);
    }

    private static GenerationRequest Ask(int maxTokens, params PromptPart[] prompt) => new()
    {
        Id = "r",
        Prompt = [.. prompt, new TextPart("q", true)],
        MaxTokens = maxTokens,
        Sampling = new SamplingOptions { Temperature = 0 },
    };

    private async Task<EngineSnapshot> WatchUntilAsync(Func<EngineSnapshot, bool> condition)
    {
        await foreach (var snapshot in _engine.WatchAsync(Token))
        {
            if (condition(snapshot))
            {
                return snapshot;
            }
        }
        throw new InvalidOperationException("The engine has stopped.");
    }

    private sealed class NoDecoder : IImageDecoder
    {
        public RgbImage Decode(ReadOnlyMemory<byte> encoded) => throw new NotSupportedException();
    }
}
