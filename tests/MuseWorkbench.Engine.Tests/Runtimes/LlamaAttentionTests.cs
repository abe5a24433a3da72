using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class LlamaAttentionTests
{
    // Scores of plain attention: heads × 288 rows × 16,384 cells × 4 bytes, 18 MiB a head.
    private static readonly LlamaCppOptions s_options = new() { ModelPath = "model.gguf", ContextCells = 16384, PhysicalBatch = 512 };

    private static readonly LlamaAttention s_leftToLlamaCpp = new(FlashAttention.Auto, 512);

    [Fact]
    public void Choose_CpuWithRoomForScores_IsPlainOnFewerRows() =>
        Assert.Equal(new(FlashAttention.Off, 288), LlamaAttention.Choose(s_options, gpu: false, heads: 28, cells: 1000));

    [Fact]
    public void Choose_SmallPhysicalBatch_IsKept() =>
        Assert.Equal(new(FlashAttention.Off, 32), LlamaAttention.Choose(s_options with { PhysicalBatch = 32 }, gpu: false, heads: 8, cells: 1000));

    [Fact]
    public void Choose_ScoresOverTheLimit_IsLeftToLlamaCpp() => Assert.Equal(s_leftToLlamaCpp, LlamaAttention.Choose(s_options, gpu: false, heads: 29, cells: 1000));

    [Fact]
    public void Choose_LargeModel_IsLeftToLlamaCpp() =>
        Assert.Equal(s_leftToLlamaCpp, LlamaAttention.Choose(s_options, gpu: false, heads: 8, cells: LlamaAttention.PlainCells + 1));

    [Fact]
    public void Choose_Gpu_IsLeftToLlamaCpp() => Assert.Equal(s_leftToLlamaCpp, LlamaAttention.Choose(s_options, gpu: true, heads: 8, cells: 1000));

    [Fact]
    public void Choose_QuantisedCells_IsLeftToLlamaCpp() =>
        Assert.Equal(s_leftToLlamaCpp, LlamaAttention.Choose(s_options with { KvType = KvCacheType.Q8_0 }, gpu: false, heads: 8, cells: 1000));

    [Theory]
    [InlineData(FlashAttention.On)]
    [InlineData(FlashAttention.Off)]
    public void Choose_Told_DoesAsTold(FlashAttention told) =>
        Assert.Equal(new(told, 512), LlamaAttention.Choose(s_options with { FlashAttention = told }, gpu: false, heads: 8, cells: 1000));
}
