using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Llama;
using MuseWorkbench.Engine.Tests.Mtmd;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class LlamaLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_NoSuchFile_Throws() =>
        Assert.Throws<FileNotFoundException>(() => Load(Path.Combine(_folder.Path, "none.gguf")));

    [Fact]
    public void Load_NotGguf_Throws() =>
        Assert.Throws<InvalidDataException>(() => Load(_folder.Write("this is not a model file"u8)));

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(4_000_000)]
    public void Load_TruncatedModel_SaysSo(int length)
    {
        var path = _folder.Write(File.ReadAllBytes(RepositoryFiles.Model).AsSpan(0, length));

        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Projector_SaysWhatItIs() =>
        Assert.Contains("projector", Assert.Throws<RuntimeLoadException>(() => Load(RepositoryFiles.Projector)).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_UnknownArchitecture_GivesNativeReason()
    {
        var path = Model("none", ["a", "b"]);

        Assert.Contains("unknown model architecture", Assert.Throws<RuntimeLoadException>(() => Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_VocabularyNativeCodeWouldAbortOn_IsRefused()
    {
        Assert.Contains("twice", Assert.Throws<InvalidDataException>(() => Load(Model("llama", ["a", "b", "a"]))).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<InvalidDataException>(() => Load(Model("llama", ["a\0b", "a\0c"]))).Message, StringComparison.Ordinal);
        Assert.Contains("no tokenizer", Assert.Throws<RuntimeLoadException>(() => Load(Model("llama", ["a"], tokenizer: "none"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateContext_RecurrentModelThatPassedTheChecks_IsRefused()
    {
        LlamaNatives.EnsureLoaded(null);
        var options = new LlamaCppOptions { ModelPath = _folder.Write(TinyMamba()), ContextCells = 256, MaxSequences = 1, GpuLayers = 0 };
        using var model = LlamaLoader.LoadModel(options, null, TestContext.Current.CancellationToken);

        var error = Assert.Throws<RuntimeLoadException>(() => LlamaLoader.CreateContext(model, options));

        Assert.Contains("recurrent or hybrid model (mamba)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(513u)]
    public void Load_LayersOutOfRange_IsRefused(uint layers)
    {
        var path = Model("llama", ["a"], layers);

        Assert.Contains("llama.block_count", Assert.Throws<InvalidDataException>(() => Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        var progress = new Synchronous(_ => source.Cancel());

        Assert.ThrowsAny<OperationCanceledException>(() => Load(RepositoryFiles.Model, progress, source.Token));
    }

    [Fact]
    public void Load_ProgressThrows_ThrowsWithCause()
    {
        var error = Assert.Throws<RuntimeLoadException>(() => Load(RepositoryFiles.Model, new Synchronous(_ => throw new TimeoutException())));

        Assert.IsType<TimeoutException>(error.InnerException);
    }

    [Fact]
    public void Load_Model_ReportsProgressToTheEnd()
    {
        var values = new List<float>();

        Load(RepositoryFiles.Model, new Synchronous(values.Add)).Dispose();

        Assert.Equal(values.Order(), values);
        Assert.Equal(1, values[^1]);
    }

    [Fact]
    public void Load_OptionOutOfRange_Throws()
    {
        var options = new LlamaCppOptions { ModelPath = RepositoryFiles.Model };

        Assert.Throws<ArgumentOutOfRangeException>(() => Load(options with { MaxSequences = 257 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(options with { PhysicalBatch = 513 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(options with { ContextCells = 0 }));
    }

    [Fact]
    public void Dispose_Twice_ThenUse_Throws()
    {
        var runtime = Load(RepositoryFiles.Model);

        runtime.Dispose();
        runtime.Dispose();

        Assert.Throws<ObjectDisposedException>(() => runtime.Decode(new DecodeBatch().Add(60, 0, 0, want: true)));
        Assert.Throws<ObjectDisposedException>(() => runtime.Tokenize("text", false, false));
    }

    [Fact]
    public void Locate_LibrariesMissing_SaysWhatToDo()
    {
        var error = Assert.Throws<RuntimeLoadException>(() => LlamaNatives.Locate(_folder.Path));

        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("Engine:NativeDirectory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libllama.b10361.so", "libggml.b10361.so", "libggml-base.so")]
    [InlineData("libllama.dylib", "libggml.dylib", "libggml-base.dylib")]
    [InlineData("llama.dll", "ggml.dll", "ggml-base.dll")]
    public void Locate_AnyPlatformsNames_FindsEachLibrary(string llama, string ggml, string ggmlBase)
    {
        foreach (var name in (string[])[llama, ggml, ggmlBase, "libllama-common.so", "libggml-cpu-x64.so", "llama.txt"])
        {
            File.WriteAllText(Path.Combine(_folder.Path, name), "");
        }

        Assert.Equal([ggmlBase, ggml, llama], LlamaNatives.Locate(_folder.Path).Select(l => Path.GetFileName(l.Path)));
    }

    [Fact]
    public void Locate_OtherBuild_IsRefused()
    {
        foreach (var name in (string[])["libllama.b9298.so", "libggml.b9298.so", "libggml-base.so"])
        {
            File.WriteAllText(Path.Combine(_folder.Path, name), "");
        }

        Assert.Contains("b9298", Assert.Throws<RuntimeLoadException>(() => LlamaNatives.Locate(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private static byte[] TinyMamba()
    {
        const int Width = 32, Inner = 2 * Width, State = 8, Rank = 4;
        return new GgufModel("mamba", seed: 1)
            .Set("mamba.context_length", 64).Set("mamba.embedding_length", Width).Set("mamba.block_count", 1).Set("mamba.vocab_size", 4)
            .Set("mamba.feed_forward_length", 0).Set("mamba.attention.head_count", 0).Set("mamba.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("mamba.ssm.conv_kernel", 4).Set("mamba.ssm.inner_size", Inner).Set("mamba.ssm.state_size", State).Set("mamba.ssm.time_step_rank", Rank)
            .Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.tokens", ["a", "b", "ab", "c"]).Set("tokenizer.ggml.merges", ["a b"])
            .Set("tokenizer.ggml.bos_token_id", 0).Set("tokenizer.ggml.eos_token_id", 1)
            .Tensor("token_embd.weight", 1, Width, 4).Ones("output_norm.weight", Width).Ones("blk.0.attn_norm.weight", Width)
            .Tensor("blk.0.ssm_in.weight", 0.2f, Width, 2 * Inner)
            .Tensor("blk.0.ssm_conv1d.weight", 0.2f, 4, Inner).Tensor("blk.0.ssm_conv1d.bias", 0.1f, Inner)
            .Tensor("blk.0.ssm_x.weight", 0.2f, Inner, Rank + 2 * State)
            .Tensor("blk.0.ssm_dt.weight", 0.2f, Rank, Inner).Tensor("blk.0.ssm_dt.bias", 0.1f, Inner)
            .Tensor("blk.0.ssm_a", 0.2f, State, Inner).Ones("blk.0.ssm_d", Inner)
            .Tensor("blk.0.ssm_out.weight", 0.2f, Inner, Width)
            .ToArray();
    }

    /// <summary>A header without tensors.</summary>
    private string Model(string architecture, string[] tokens, uint layers = 1, string tokenizer = "gpt2") => _folder.Write(new GgufBytes(keys: 6)
        .Text("general.architecture").Raw(w => w.Write(8u)).Text(architecture)
        .Key("llama.block_count", 4, w => w.Write(layers))
        .Text("tokenizer.ggml.model").Raw(w => w.Write(8u)).Text(tokenizer)
        .Key("tokenizer.ggml.bos_token_id", 4, w => w.Write(0u))
        .Key("tokenizer.ggml.merges", 9, w => { w.Write(8u); w.Write(0UL); })
        .Key("tokenizer.ggml.tokens", 9, w =>
        {
            w.Write(8u);
            w.Write((ulong)tokens.Length);
            foreach (var token in tokens)
            {
                w.Write((ulong)token.Length);
                w.Write(System.Text.Encoding.ASCII.GetBytes(token));
            }
        })
        .Align()
        .ToArray());

    private static LlamaCppRuntime Load(string path, IProgress<float>? progress = null, CancellationToken? cancellationToken = null) =>
        Load(new LlamaCppOptions { ModelPath = path, ContextCells = 256, MaxSequences = 1 }, progress, cancellationToken);

    private static LlamaCppRuntime Load(LlamaCppOptions options, IProgress<float>? progress = null, CancellationToken? cancellationToken = null) =>
        LlamaCppRuntime.Load(options, NullLoggerFactory.Instance, progress, cancellationToken ?? TestContext.Current.CancellationToken);

    private sealed class Synchronous(Action<float> report) : IProgress<float>
    {
        public void Report(float value) => report(value);
    }
}
