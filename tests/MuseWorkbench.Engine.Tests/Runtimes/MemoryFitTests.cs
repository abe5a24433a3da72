using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Fit;
using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>Memory said before loading: by hand for a small shape, and next to what the real runtime allocates.</summary>
public sealed class MemoryFitTests
{
    // 2 layers of 4 heads over 2 of keys and values.
    private static readonly ModelShape s_shape = new(1000, 500, 2, 64, 128, 4, [2, 2], 16, 16, 100);

    [Fact]
    public void Estimate_PlainAttention_IsTheSumDoneByHand()
    {
        var parts = MemoryEstimate.Of(s_shape, cells: 1000, rows: 10, sequences: 4, KvCacheType.F16, flash: false);

        // 1,024 cells after padding × 2 layers × 2 heads × 32 values × 2 bytes.
        Assert.Equal(1024L * 2 * 2 * 32 * 2, parts.Kv);
        // 12 rows, a multiple of 4: scores of 4 heads and the mask, then 2·64 + 2·128 + 4·16 + 2·32 floats a row.
        Assert.Equal((4L * 12 * 1024 * 5) + (4 * 12 * (128 + 256 + 64 + 64)), parts.Compute);
        Assert.Equal((1000, 4L * 100 * 4), (parts.Weights, parts.Output));
    }

    [Fact]
    public void Estimate_FusedAttentionAndLargeVocabulary_LogitsDecide()
    {
        var parts = MemoryEstimate.Of(s_shape with { Vocabulary = 100_000 }, cells: 256, rows: 8, sequences: 8, KvCacheType.Q8_0, flash: true);

        Assert.Equal(256L * 2 * 2 * 32 / 32 * 34, parts.Kv);
        Assert.Equal((2L * 8 * 256) + (4 * ((8 * 64) + (8L * 100_000))), parts.Compute);
    }

    [Theory]
    [InlineData(FlashAttention.Auto, KvCacheType.F16, 16384, 64)]
    [InlineData(FlashAttention.On, KvCacheType.F16, 4096, 8)]
    [InlineData(FlashAttention.On, KvCacheType.Q8_0, 16384, 16)]
    public void Load_BundledModel_AllocatesWhatWasEstimatedWithinTenPercent(FlashAttention attention, KvCacheType kv, int cells, int sequences)
    {
        var options = new LlamaCppOptions { ModelPath = RepositoryFiles.Model, FlashAttention = attention, KvType = kv, ContextCells = cells, MaxSequences = sequences };

        using var runtime = LlamaCppRuntime.Load(options, NullLoggerFactory.Instance, null, TestContext.Current.CancellationToken);

        var (estimated, allocated) = (runtime.Info.Estimated!, runtime.Info.Allocated!);
        Assert.InRange(estimated.Total / (double)allocated.Total, 0.9, 1.1);
        Assert.InRange(estimated.Kv / (double)allocated.Kv, 0.99, 1.01);
    }

    [Fact]
    public void Packed_ByTypeSizeAndBuffer_IsTheSumDoneByHand()
    {
        GgufTensor[] tensors =
        [
            Tensor("token_embd.weight", GgufTensorType.F16, 64, 320),
            Tensor("output.weight", GgufTensorType.F16, 64, 320), // 40,960 bytes
            Tensor("blk.0.attn_q.weight", GgufTensorType.Q8_0, 64, 64), // 128 blocks of 34 bytes, of 38 once copied
            Tensor("blk.0.attn_k.weight", GgufTensorType.Q8_0, 64, 48), // rows are no multiple of 32
            Tensor("blk.0.ffn_up.weight", GgufTensorType.Q4_0, 64, 40), // of 8, but not of 32: 80 blocks of 18 bytes
            Tensor("blk.0.attn_norm.weight", GgufTensorType.F32, 64),
        ];

        Assert.Equal(0, WeightPacking.Bytes(tensors, []));
        Assert.Equal(40_960 + (128 * 38) + (80 * 18), WeightPacking.Bytes(tensors, ["AMX", "CPU_REPACK"]));
        Assert.Equal(80 * 18, WeightPacking.Bytes(tensors, ["CPU_REPACK"]));
        Assert.Equal((2 * 40_960) + (128 * 38), WeightPacking.Bytes([tensors[0] with { }, tensors[0] with { Name = "blk.0.x" }, tensors[2]], ["AMX"]));
    }

    [Fact]
    public void Refuse_TooManyCells_SaysHowManyWouldFit()
    {
        var reason = MemoryFit.Refuse(cells => new(1L << 30, 0, cells * (1L << 20), 0, 0), 16384, free: 10L << 30, total: 12L << 30, mapped: true);

        Assert.Equal("It would take about 17.0 GiB (1.0 for weights, 16.0 for 16384 KV cells, 0.000 for computing); 10.0 GiB of 12.0 are free. With 10240 cells it would fit (Engine:ContextSize).", reason);
    }

    [Fact]
    public void Refuse_WeightsLargerThanTheMachine_SaysThatNoContextFits()
    {
        var reason = MemoryFit.Refuse(cells => new(20L << 30, 0, cells, 0, 0), 4096, free: 10L << 30, total: 12L << 30, mapped: true);

        Assert.EndsWith("It does not fit with 512 cells either.", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_ItFits_IsNull() => Assert.Null(MemoryFit.Refuse(cells => new(11L << 30, 0, cells, 0, 0), 4096, free: 1L << 30, total: 12L << 30, mapped: true));

    [Theory]
    [InlineData(1_000, KvCacheType.F16, 512)]
    [InlineData(850, KvCacheType.F16, 288)]
    [InlineData(600, KvCacheType.Q8_0, 512)]
    [InlineData(410, KvCacheType.Q8_0, 288)]
    [InlineData(1, KvCacheType.Q8_0, 288)] // nothing fits: what comes closest
    public void Choose_SomeFreeMemory_IsTheFastestThatFits(int free, KvCacheType kv, int rows)
    {
        var wanted = new LlamaCppOptions { ModelPath = "m", KvType = KvCacheType.Auto, PhysicalBatch = 512 };

        var chosen = FitChoice.Choose(wanted, o => new(0, 0, o.KvType == KvCacheType.F16 ? 600 : 200, o.PhysicalBatch == 512 ? 400 : 200, 0), s_shape with { KeyWidth = 64, ValueWidth = 64 }, parts => parts.Total <= free);

        Assert.Equal((kv, rows), (chosen.KvType, chosen.PhysicalBatch));
    }

    [Fact]
    public void Candidates_WhatIsSet_IsNotChanged()
    {
        var set = new LlamaCppOptions { ModelPath = "m", KvType = KvCacheType.F16, PhysicalBatch = 64 };

        Assert.Equal([set], FitChoice.Candidates(set, s_shape));
    }

    [Theory]
    [InlineData(48, FlashAttention.Auto)] // no multiple of a block
    [InlineData(64, FlashAttention.Off)] // plain attention reads no blocks
    public void Candidates_EightBitValuesNotPossible_AreNotOffered(int width, FlashAttention attention)
    {
        var options = new LlamaCppOptions { ModelPath = "m", KvType = KvCacheType.Auto, PhysicalBatch = 64, FlashAttention = attention };

        Assert.Equal([KvCacheType.F16], FitChoice.Candidates(options, s_shape with { KeyWidth = width, ValueWidth = width }).Select(o => o.KvType));
    }

    [Theory]
    [InlineData(24, -1)] // all of it
    [InlineData(12, 10)] // 12 − 2 for computing, 1 each
    [InlineData(1, 0)]
    public void Layers_DeviceOfSomeGibibytes_AsManyAsFit(int free, int layers) =>
        Assert.Equal(layers, MemoryFit.Layers(new(15L << 30, 0, 5L << 30, 2L << 30, 0), 20, (long)free << 30));

    [Fact]
    public void Load_FarTooManyCells_IsRefusedWithTheNumbersBeforeAnythingIsAllocated()
    {
        var options = new LlamaCppOptions { ModelPath = RepositoryFiles.Model, ContextCells = 1 << 30, MaxSequences = 4 };

        var refused = Assert.Throws<RuntimeLoadException>(() => LlamaCppRuntime.Load(options, NullLoggerFactory.Instance, null, TestContext.Current.CancellationToken));

        Assert.Contains("does not fit into memory. It would take about", refused.Message, StringComparison.Ordinal);
        Assert.Contains("cells it would fit", refused.Message, StringComparison.Ordinal);
    }

    private static GgufTensor Tensor(string name, GgufTensorType type, params long[] dimensions)
    {
        var elements = dimensions.Aggregate(1L, (a, b) => a * b);
        var (block, bytes) = type.Block();
        return new(name, dimensions, type, 0, elements, elements / block * bytes);
    }
}
