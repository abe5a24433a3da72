using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Images.Mtmd;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Tests.Runtimes;

namespace MuseWorkbench.Engine.Tests.Images;

public sealed class ImageEmbeddersTests
{
    [Theory]
    [InlineData("gemma4uv", ImageEncoder.Auto, true)]
    [InlineData("gemma4uv", ImageEncoder.Managed, true)]
    [InlineData("gemma4uv", ImageEncoder.Mtmd, false)]
    [InlineData("qwen2vl_merger", ImageEncoder.Auto, false)]
    [InlineData("qwen2vl_merger", ImageEncoder.Mtmd, false)]
    public void IsManaged_ByTypeAndOption(string type, ImageEncoder encoder, bool managed)
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(managed, ImageEmbedders.IsManaged(Projector(folder, type), encoder, out var read));
        Assert.Equal(type, read);
    }

    [Fact]
    public void IsManaged_ManagedForOtherProjector_SaysWhatToSet()
    {
        using var folder = new TemporaryFolder();
        var path = Projector(folder, "qwen2vl_merger");

        var error = Assert.Throws<NotSupportedException>(() => ImageEmbedders.IsManaged(path, ImageEncoder.Managed, out _));
        Assert.Contains("\"qwen2vl_merger\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("Engine:ImageEncoder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsManaged_LanguageModel_SaysWhatItIs()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(new GgufBytes(keys: 1).Key("general.architecture", 8, w => Write(w, "llama")).Align().ToArray());

        var error = Assert.Throws<NotSupportedException>(() => ImageEmbedders.IsManaged(path, ImageEncoder.Auto, out _));
        Assert.Contains("not an image projector; give it as the model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_FolderWithoutLibrary_NamesTypeFileAndOption()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<RuntimeLoadException>(() => MtmdLibrary.Locate(folder.Path, "qwen2vl_merger"));
        Assert.Contains("\"qwen2vl_merger\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("mtmd.", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("Engine:NativeDirectory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libmtmd.so.0.0.9298", false)]
    [InlineData("libmtmd.so.0.0.10361", true)]
    [InlineData("libmtmd.so.0.0.0", true)]
    [InlineData("libmtmd.so", true)]
    public void Locate_NumberInFileName_MustBeThePinnedBuild(string file, bool fits)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, file), []);

        var error = Record.Exception(() => MtmdLibrary.Locate(folder.Path, "gemma3"));
        Assert.Equal(fits, error is null);
        Assert.True(fits || error!.Message.Contains("b9298", StringComparison.Ordinal));
    }

    private static string Projector(TemporaryFolder folder, string type) => folder.Write(
        new GgufBytes(keys: 1).Key("clip.projector_type", 8, w => Write(w, type)).Align().ToArray());

    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
