using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Images.Mtmd;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Tests.Images;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>M-RoPE natively: a model whose image rows stand in a grid, against llama.cpp's own server of the same build.</summary>
public sealed class TinyQwenTests : IDisposable
{
    private readonly Lazy<TinyQwen> _files = new(() => new TinyQwen());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(112, 112)]
    [InlineData(280, 84)]
    [InlineData(560, 560)]
    public async Task Generate_Greedy_IsTheServersTokens(int width, int height)
    {
        var folder = MtmdEnvironment.Require();
        Assert.SkipUnless(File.Exists(Path.Combine(folder, LlamaServer.FileName)), $"There is no {LlamaServer.FileName} in {folder} to compare with.");
        var png = PngWriter.Write(width, height, TestImages.Noise(width, height, 7));

        await using var engine = await LoadAsync(batch: 64);
        var actual = await engine.TokensAsync(engine.Images.Decode(png), "What is there?", 24, Token);

        await using var server = await LlamaServer.StartAsync(folder, _files.Value.Model, _files.Value.Projector, Token);
        var expected = await server.ContinueAsync("<|im_start|>user\n", png, "What is there?<|im_end|>\n<|im_start|>assistant\n", 24, Token);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Generate_ImageInTheCache_SameTextAsComputedAnew()
    {
        MtmdEnvironment.Require();
        var png = PngWriter.Write(140, 84, TestImages.Noise(140, 84, 8));
        await using var engine = await LoadAsync(batch: 64);
        var image = engine.Images.Decode(png);

        var first = await engine.TokensAsync(image, "One?", 12, Token);
        await engine.TokensAsync(image, "Two?", 12, Token);
        var again = await engine.TokensAsync(image, "One?", 12, Token);

        Assert.Equal(first, again);
        await using var fresh = await LoadAsync(batch: 16);
        Assert.Equal(
            await fresh.TokensAsync(image, "Two?", 12, Token),
            await engine.TokensAsync(image, "Two?", 12, Token));
    }

    [Fact]
    public async Task Generate_ImageBackFromHostMemory_SameTextAsComputedAnew()
    {
        MtmdEnvironment.Require();
        await using var engine = await LoadAsync(batch: 64);
        var (image, other) = (engine.Images.Decode(Png(8)), engine.Images.Decode(Png(9)));

        var first = await engine.TokensAsync(image, "One?", 12, Token);
        await engine.TokensAsync(other, "Two?", 40, Token);
        var again = await engine.TokensAsync(image, "One?", 12, Token);

        Assert.Equal(first, again);
        await using var watch = engine.WatchAsync(Token).GetAsyncEnumerator(Token);
        while (await watch.MoveNextAsync() && watch.Current.Counters.RequestsFinished < 3)
        {
        }

        Assert.InRange(watch.Current.Counters.PromptTokensRestored, 15, 100);

        static byte[] Png(int seed) => PngWriter.Write(140, 84, TestImages.Noise(140, 84, seed));
    }

    [Fact]
    public void Layout_GridOfRows_TakesFewerPositionsThanRows()
    {
        MtmdEnvironment.Require();
        using var runtime = LlamaCppRuntime.Load(
            new() { ModelPath = _files.Value.Model, ContextCells = 256, Threads = 1 }, NullLoggerFactory.Instance, null, Token);
        using var embedder = MtmdEmbedder.Load(_files.Value.Projector, "qwen2vl_merger", runtime, 1, gpu: false);

        var rows = Assert.Single(embedder.Layout(280, 84).OfType<ImageRows>());

        Assert.False(embedder.NonCausal);
        Assert.Equal((30, 10), (rows.Rows, rows.Positions));
        Assert.Equal(new AxisPosition(0, 1, 2, 0), rows.Axes![12]);
        Assert.Equal(30 * 64, embedder.Embed(new(280, 84, TestImages.Noise(280, 84, 1), "")).Length);
    }

    public void Dispose()
    {
        if (_files.IsValueCreated)
        {
            _files.Value.Dispose();
        }
    }

    private Task<IInferenceEngine> LoadAsync(int batch) => EngineFactory.LoadAsync(
        // Attention as the server computes it: random weights have near ties.
        new() { Model = _files.Value.Model, Projector = _files.Value.Projector, FlashAttention = FlashAttention.On, ContextSize = 1024, MaxSequences = 4, BatchSize = batch, Threads = 1 },
        NullLoggerFactory.Instance, null, Token);
}
