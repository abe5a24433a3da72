using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Images.Mtmd;
using MuseWorkbench.Engine.Tests.Images;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>The bundled model through libmtmd and through managed code.</summary>
[Collection(typeof(RuntimeCollection))]
public sealed class MuseMiniMtmdTests(RuntimeFixture fixture)
{
    private const int Width = 192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(192, 192)]
    [InlineData(300, 205)]
    [InlineData(1000, 40)]
    public void Embed_AgreesWithManagedCode(int width, int height)
    {
        MtmdEnvironment.Require();
        using var native = MtmdEmbedder.Load(RepositoryFiles.Projector, "gemma4uv", fixture.Runtime, threads: 1, gpu: false);
        var managed = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.Stretch);
        var image = new RgbImage(width, height, TestImages.Gradient(width, height), "");

        var expected = native.Embed(image);
        var actual = managed.Embed(image);

        Assert.Equal(native.CountTokens(width, height) * Width, expected.Length);
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 0, 1e-3f);
    }

    [Fact]
    public void Layout_WrapsTheRowsInTheModelsOwnTokens()
    {
        MtmdEnvironment.Require();
        using var native = MtmdEmbedder.Load(RepositoryFiles.Projector, "gemma4uv", fixture.Runtime, threads: 1, gpu: false);
        var managed = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.Stretch);

        var layout = native.Layout(300, 205);

        Assert.Equal(managed.NonCausal, native.NonCausal);
        Assert.Equal(fixture.Runtime.Tokenize(managed.Prefix, false, true), Assert.IsType<ImageTokens>(layout[0]).Tokens);
        Assert.Equal(new ImageRows(117, 117), layout[1]);
        Assert.Equal(fixture.Runtime.Tokenize(managed.Suffix, false, true), Assert.IsType<ImageTokens>(layout[2]).Tokens);
        Assert.Equal(3, layout.Count);
    }

    [Fact]
    public async Task Generate_Greedy_IsTheSameTextThroughBoth()
    {
        MtmdEnvironment.Require();

        var texts = await Task.WhenAll(AnswerAsync(ImageEncoder.Managed), AnswerAsync(ImageEncoder.Mtmd));

        Assert.StartsWith("<think>", texts[0], StringComparison.Ordinal);
        Assert.Equal(texts[0], texts[1]);
    }

    private static async Task<string> AnswerAsync(ImageEncoder encoder)
    {
        var options = new EngineOptions
        {
            Model = RepositoryFiles.Model,
            Projector = RepositoryFiles.Projector,
            ImageEncoder = encoder,
            ImageFit = ImageFit.Stretch,
            ContextSize = 1024,
            MaxSequences = 4,
            Threads = 1,
        };
        await using var engine = await EngineFactory.LoadAsync(options, NullLoggerFactory.Instance, null, Token);
        var image = engine.Images.Decode(await File.ReadAllBytesAsync(Path.Combine(RepositoryFiles.Root, "wwwroot", "samples", "scene-02.png"), Token));
        return await engine.AnswerAsync(image, "List the objects.", 200, Token);
    }
}
