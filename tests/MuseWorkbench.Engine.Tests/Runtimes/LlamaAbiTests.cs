using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>Sizes and offsets were read off llama.h and ggml's headers of build b10361, on a 64-bit machine.</summary>
public sealed class LlamaAbiTests
{
    public LlamaAbiTests() => LlamaNatives.EnsureLoaded(null);

    [Fact]
    public void SizeOf_StructsPassedToNativeCode_MatchesHeader()
    {
        Assert.Equal(72, Unsafe.SizeOf<LlamaModelParams>());
        Assert.Equal(160, Unsafe.SizeOf<LlamaContextParams>());
        Assert.Equal(56, Unsafe.SizeOf<LlamaBatch>());
        Assert.Equal(12, Unsafe.SizeOf<LlamaTokenData>());
        Assert.Equal(32, Unsafe.SizeOf<LlamaTokenDataArray>());
        Assert.Equal(8, Unsafe.SizeOf<LlamaLogitBias>());
        Assert.Equal(16, Unsafe.SizeOf<LlamaChatMessage>());
        Assert.Equal(1, Unsafe.SizeOf<LlamaSamplerChainParams>());
        Assert.Equal(528, Unsafe.SizeOf<GgmlThreadPoolParams>());
    }

    [Theory]
    [InlineData(nameof(LlamaModelParams.GpuLayers), 16)]
    [InlineData(nameof(LlamaModelParams.MainGpu), 28)]
    [InlineData(nameof(LlamaModelParams.ProgressCallback), 40)]
    [InlineData(nameof(LlamaModelParams.VocabularyOnly), 64)]
    [InlineData(nameof(LlamaModelParams.LoadMtp), 69)]
    public void OffsetOf_ModelParams_MatchesHeader(string field, int offset) => Assert.Equal(offset, Marshal.OffsetOf<LlamaModelParams>(field));

    [Theory]
    [InlineData(nameof(LlamaContextParams.MaxSequences), 12)]
    [InlineData(nameof(LlamaContextParams.MaxOutputs), 20)]
    [InlineData(nameof(LlamaContextParams.Threads), 28)]
    [InlineData(nameof(LlamaContextParams.FlashAttention), 52)]
    [InlineData(nameof(LlamaContextParams.DefragmentationThreshold), 84)]
    [InlineData(nameof(LlamaContextParams.EvaluationCallback), 88)]
    [InlineData(nameof(LlamaContextParams.TypeK), 104)]
    [InlineData(nameof(LlamaContextParams.AbortCallback), 112)]
    [InlineData(nameof(LlamaContextParams.Embeddings), 128)]
    [InlineData(nameof(LlamaContextParams.UnifiedKv), 133)]
    [InlineData(nameof(LlamaContextParams.OtherContext), 152)]
    public void OffsetOf_ContextParams_MatchesHeader(string field, int offset) => Assert.Equal(offset, Marshal.OffsetOf<LlamaContextParams>(field));

    [Theory]
    [InlineData(nameof(LlamaBatch.Tokens), 8)]
    [InlineData(nameof(LlamaBatch.Sequences), 40)]
    [InlineData(nameof(LlamaBatch.Logits), 48)]
    public void OffsetOf_Batch_MatchesHeader(string field, int offset) => Assert.Equal(offset, Marshal.OffsetOf<LlamaBatch>(field));

    [Fact]
    public unsafe void ThreadPoolParams_Initialised_AreThoseOfTheBuild()
    {
        GgmlThreadPoolParams parameters;
        LlamaNative.ggml_threadpool_params_init(&parameters, 3);

        Assert.Equal((3, 0, 50u), (parameters.Threads, parameters.Priority, parameters.Poll));
        Assert.Equal((0, 0), (parameters.StrictPlacement, parameters.Paused));
    }

    [Fact]
    public void ThreadPool_OfSeveralThreads_ComesFromTheBackend()
    {
        using var pool = LlamaThreadPool.Start(2);

        Assert.False(pool!.IsInvalid);
    }

    [Fact]
    public void ThreadPool_OfOneThread_IsNotNeeded() => Assert.Null(LlamaThreadPool.Start(1));

    [Fact]
    public void DefaultParams_ReadBack_AreThoseOfTheBuild()
    {
        var model = LlamaNative.llama_model_default_params();
        var context = LlamaNative.llama_context_default_params();

        Assert.Equal((-1, 1, 1, 0), (model.GpuLayers, model.SplitMode, model.LoadMode, model.MainGpu));
        Assert.Equal((0, 1, 0), (model.VocabularyOnly, model.UseExtraBuffers, model.LoadMtp));
        Assert.Equal((512u, 2048u, 512u, 1u), (context.Context, context.Batch, context.PhysicalBatch, context.MaxSequences));
        Assert.Equal((-1, 1, 1), (context.FlashAttention, context.TypeK, context.TypeV));
        Assert.Equal((0, 1, 1, 0), (context.Embeddings, context.OffloadOperations, context.FullSlidingWindow, context.UnifiedKv));
        Assert.Equal((0, (nuint)0, 0), (context.Samplers, context.SamplerCount, context.OtherContext));
    }
}
