using System.Text;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Tests.Runtimes.Preflight;

public sealed class ProjectorChecksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsManaged_ProjectorOfNumbersAsTheyAreRead_IsLeftToLibmtmd() =>
        Assert.False(ImageEmbedders.IsManaged(Projector(("embedding_length", 4, 1152u), ("attention.head_count", 4, 16u), ("block_count", 4, 27u), ("attention.layer_norm_epsilon", 6, 1e-6f)), ImageEncoder.Auto, out _));

    [Fact]
    public void IsManaged_PatchesWithoutLayers_HaveNoHeads() =>
        Assert.False(ImageEmbedders.IsManaged(Projector(("embedding_length", 4, 1152u), ("attention.head_count", 4, 0u), ("block_count", 4, 0u)), ImageEncoder.Auto, out _));

    [Theory]
    [InlineData("image_size", 6, 224f, "image_size must be an unsigned 32-bit number")]
    [InlineData("patch_size", 5, 14, "patch_size must be an unsigned 32-bit number")]
    [InlineData("projection_dim", 10, 2048ul, "projection_dim must be an unsigned 32-bit number")]
    [InlineData("attention.layer_norm_epsilon", 4, 1u, "layer_norm_epsilon must be a 32-bit fraction")]
    [InlineData("image_mean", 6, 0.5f, "image_mean must be a list")]
    [InlineData("wa_layer_indexes", 4, 7u, "wa_layer_indexes must be a list")]
    [InlineData("attention.head_count", 4, 0u, "head_count is 0")]
    [InlineData("attention.head_count", 4, 7u, "can't be cut into 7 heads")]
    [InlineData("block_count", 4, 4_000_000_000u, "block_count is 4000000000")]
    [InlineData("embedding_length", 4, 0u, "embedding_length is 0")]
    public void IsManaged_NumberThatEndsTheProcess_IsRefused(string key, int type, object value, string why)
    {
        var path = Projector(("embedding_length", 4, 1152u), ("block_count", 4, 27u), (key, type, value));

        var error = Assert.Throws<InvalidDataException>(() => ImageEmbedders.IsManaged(path, ImageEncoder.Auto, out _));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    /// <summary>A projector's header; of keys given twice the last counts.</summary>
    private string Projector(params (string Key, int Type, object Value)[] numbers)
    {
        var last = numbers.GroupBy(number => number.Key).Select(group => group.Last()).ToArray();
        var bytes = new GgufBytes(keys: (ulong)last.Length + 2)
            .Key("general.architecture", 8, w => Write(w, "clip")).Key("clip.projector_type", 8, w => Write(w, "gemma3"));
        foreach (var (key, type, value) in last)
        {
            bytes.Key($"clip.vision.{key}", (uint)type, w => w.Write((dynamic)value));
        }

        return _folder.Write(bytes.Align().ToArray());
    }

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write((ulong)Encoding.UTF8.GetByteCount(text));
        writer.Write(Encoding.UTF8.GetBytes(text));
    }
}
