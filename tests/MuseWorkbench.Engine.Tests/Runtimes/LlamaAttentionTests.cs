using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class LlamaAttentionTests
{
    // 8 heads × 512 rows × 16,384 cells × 4 bytes: 256 MiB of scores.
    private static readonly LlamaCppOptions s_options = new() { ModelPath = "model.gguf", ContextCells = 16384, PhysicalBatch = 512 };

    [Fact]
    public void Choose_CpuWithRoomForScores_IsPlain() => Assert.Equal(FlashAttention.Off, LlamaAttention.Choose(s_options, gpu: false, heads: 8));

    [Fact]
    public void Choose_ScoresOverTheLimit_IsLeftToLlamaCpp() => Assert.Equal(FlashAttention.Auto, LlamaAttention.Choose(s_options, gpu: false, heads: 17));

    [Fact]
    public void Choose_Gpu_IsLeftToLlamaCpp() => Assert.Equal(FlashAttention.Auto, LlamaAttention.Choose(s_options, gpu: true, heads: 8));

    [Fact]
    public void Choose_QuantisedCells_IsLeftToLlamaCpp() =>
        Assert.Equal(FlashAttention.Auto, LlamaAttention.Choose(s_options with { KvType = KvCacheType.Q8 }, gpu: false, heads: 8));

    [Theory]
    [InlineData(FlashAttention.On)]
    [InlineData(FlashAttention.Off)]
    public void Choose_Told_DoesAsTold(FlashAttention told) =>
        Assert.Equal(told, LlamaAttention.Choose(s_options with { FlashAttention = told }, gpu: false, heads: 8));
}
