using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes.Gguf;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Images;

public class PatchEmbedderTests
{
    private const int Patch = 24;
    private const int Width = 192;

    [Fact]
    public void Load_BundledProjector_IsWhatItsFileSays()
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector);

        Assert.Equal(ImageFit.Stretch, embedder.Fit);
        Assert.True(embedder.NonCausal);
        Assert.Equal(("<|image>", "<image|>", Width), (embedder.Prefix, embedder.Suffix, embedder.EmbeddingWidth));
        Assert.Equal(19 * 14, embedder.CountTokens(4_000, 3_000));
    }

    [Theory]
    [InlineData(ImageFit.PadSquare, 240, 240)]
    [InlineData(ImageFit.Stretch, 240, 168)]
    public void Embed_ImageOfCanvasSize_AgreesWithDoublePrecision(ImageFit fit, int width, int height)
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector, fit);
        var pixels = TestImages.Noise(width, height, 11);

        var actual = embedder.Embed(new(width, height, pixels, ""));

        var expected = Reference(pixels, width, height);
        Assert.Equal(embedder.CountTokens(width, height) * Width, actual.Length);
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 0, 1e-4);
    }

    [Fact]
    public void Embed_Stretch_AgreesWithLlamaCpp()
    {
        // What llama.cpp's own encoder (b10361) makes of this image: the first values of rows 0, 58 and 116, and the sum of all magnitudes.
        (int Row, float[] Values)[] expected =
        [
            (0, [4.851754f, 0.851099f, 10.26908f, 1.060666f]),
            (58, [4.456569f, -0.9019166f, 6.80227f, -1.285853f]),
            (116, [7.607708f, 1.312769f, -3.107792f, -4.953083f]),
        ];

        var actual = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.Stretch).Embed(new(300, 205, TestImages.Gradient(300, 205), ""));

        Assert.Equal(117 * Width, actual.Length);
        Assert.Equal(73_456.0312, actual.Sum(v => (double)MathF.Abs(v)), 0.05);
        Assert.All(expected, e => Assert.All(e.Values.Index(), v => Assert.Equal(v.Item, actual[(e.Row * Width) + v.Index], 1e-4f)));
    }

    [Fact]
    public void Embed_WideImage_PadsWithItsBorderColour()
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.PadSquare);
        var plain = Plain(400, 100, 90, 160, 30);
        var square = Plain(240, 240, 90, 160, 30);

        Assert.Equal(embedder.Embed(square), embedder.Embed(plain));
    }

    [Fact]
    public void Embed_OneProjectorManyThreads_GivesEachItsOwn()
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector);
        var images = Enumerable.Range(0, 8).Select(i => new RgbImage(192, 192, TestImages.Noise(192, 192, i), "")).ToArray();
        var alone = images.Select(embedder.Embed).ToArray();

        var together = images.AsParallel().AsOrdered().Select(embedder.Embed).ToArray();

        Assert.Equal(alone, together);
    }

    [Fact]
    public void CountTokens_Stretch_FollowsTheImagesShape()
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.Stretch);

        Assert.Equal(19 * 14, embedder.CountTokens(4_000, 3_000));
        Assert.Equal(7 * 7, embedder.CountTokens(10, 10));
        for (var side = 1; side <= 12_288; side += 97)
        {
            Assert.InRange(embedder.CountTokens(side, Math.Max(1, side / 40)), 40, 330);
        }
    }

    [Fact]
    public void Embed_BeyondThePositionTable_IsRejected()
    {
        var embedder = PatchEmbedder.Load(RepositoryFiles.Projector, ImageFit.Stretch);

        var error = Assert.Throws<RequestRejectedException>(() => embedder.CountTokens(100_000, 10));
        Assert.Equal("invalid_image", error.Code);
    }

    [Theory]
    [InlineData("stretch", ImageFit.Stretch)]
    [InlineData("pad-square", ImageFit.PadSquare)]
    public void Load_FitInMetadata_IsFollowed(string value, ImageFit fit)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(fit, PatchEmbedder.Load(folder.Write(WithKey("muse.image.fit", value))).Fit);
    }

    [Fact]
    public void Load_UnknownFit_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(WithKey("muse.image.fit", "tiles"));
        Assert.Contains("tiles", Assert.Throws<InvalidDataException>(() => PatchEmbedder.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ProjectorWithoutParts_SaysWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(new GgufBytes(keys: 1).Key("clip.projector_type", 8, w => Write(w, "gemma4uv")).Align().ToArray());

        Assert.Contains("clip.vision.patch_size", Assert.Throws<InvalidDataException>(() => PatchEmbedder.Load(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>The architecture as written down, one patch and one number at a time.</summary>
    private static double[] Reference(byte[] rgb, int width, int height)
    {
        using var file = GgufFile.Open(RepositoryFiles.Projector);
        double[] Read(string name) => [.. file.ReadFloats(name).Select(v => (double)v)];
        var (w, b, positions, projection) = (Read("v.patch_embd.weight"), Read("v.patch_embd.bias"), Read("v.position_embd.weight"), Read("mm.input_projection.weight"));
        var norms = Enumerable.Range(1, 3).Select(i => (Read($"v.patch_norm.{i}.weight"), Read($"v.patch_norm.{i}.bias"))).ToArray();
        var table = positions.Length / 2 / Width;
        var rows = new List<double>();
        for (var py = 0; py < height / Patch; py++)
        {
            for (var px = 0; px < width / Patch; px++)
            {
                var x = new double[3 * Patch * Patch];
                for (var i = 0; i < x.Length; i++)
                {
                    var (c, row, column) = (i / (Patch * Patch), i / Patch % Patch, i % Patch);
                    x[i] = ((rgb[((((py * Patch) + row) * width) + (px * Patch) + column) * 3 + c] / 255.0) - 0.5) / 0.5;
                }

                var h = Normalize(Multiply(w, Normalize(x, norms[0])).Zip(b, (u, v) => u + v).ToArray(), norms[1]);
                h = [.. h.Select((v, i) => v + positions[(px * Width) + i] + positions[((table + py) * Width) + i])];
                h = Normalize(h, norms[2]);
                var rms = Math.Sqrt(h.Average(v => v * v) + 1e-6);
                rows.AddRange(Multiply(projection, [.. h.Select(v => v / rms)]));
            }
        }

        return [.. rows];
    }

    private static double[] Multiply(double[] matrix, double[] vector) =>
        [.. Enumerable.Range(0, matrix.Length / vector.Length).Select(r => vector.Select((v, i) => v * matrix[(r * vector.Length) + i]).Sum())];

    private static double[] Normalize(double[] values, (double[] Weight, double[] Bias) norm)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) + 1e-5);
        return [.. values.Select((v, i) => ((v - mean) / deviation * norm.Weight[i]) + norm.Bias[i])];
    }

    private static RgbImage Plain(int width, int height, byte r, byte g, byte b) =>
        new(width, height, Enumerable.Repeat(new[] { r, g, b }, width * height).SelectMany(p => p).ToArray(), "");

    /// <summary>The bundled projector with two more keys: the one asked for (its own of that name renamed) and one that fills up to whole alignments, so that all else may move as it is.</summary>
    private static byte[] WithKey(string key, string value)
    {
        var original = File.ReadAllBytes(RepositoryFiles.Projector);
        var own = original.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(key));
        if (own >= 0)
        {
            original[own + key.Length - 1] ^= 1;
        }

        var entries = Entries("");
        entries = Entries(new string('-', 32 - (entries.Length % 32)));
        byte[] result = [.. original[..24], .. entries, .. original[24..]];
        BitConverter.TryWriteBytes(result.AsSpan(16), BitConverter.ToUInt64(original, 16) + 2);
        return result;

        byte[] Entries(string filler)
        {
            var bytes = new MemoryStream();
            var writer = new BinaryWriter(bytes);
            foreach (var text in ((string, string)[])[(key, value), ("filler", filler)])
            {
                Write(writer, text.Item1);
                writer.Write(8u);
                Write(writer, text.Item2);
            }

            return bytes.ToArray();
        }
    }

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write((ulong)System.Text.Encoding.UTF8.GetByteCount(text));
        writer.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
