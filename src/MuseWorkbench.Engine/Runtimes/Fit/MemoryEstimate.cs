namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>
/// How much memory a model will take, before it is loaded. Follows what llama.cpp b10361 allocates for decoders with plain
/// layers (<c>llama</c> and its like): a whole KV cache, and a compute buffer for the largest batch. It is measured against what
/// llama.cpp reports by <c>bench fit</c>. Mixtures of experts and recurrent layers take more for computing than is said here.
/// </summary>
internal static class MemoryEstimate
{
    // llama.cpp's caches are a multiple of this many cells.
    private const int CellPadding = 256;

    /// <param name="rows">Most rows computed at once.</param>
    /// <param name="flash">Whether attention is computed by the fused kernel.</param>
    /// <param name="packed">Bytes of weights copied for matrix units, <see cref="WeightPacking"/>.</param>
    public static MemoryParts Of(ModelShape shape, int cells, int rows, int sequences, KvCacheType kv, bool flash, long packed = 0)
    {
        long padded = (cells + CellPadding - 1) / CellPadding * CellPadding;
        return new(shape.WeightBytes, packed, KvBytes(shape, padded, kv), ComputeBytes(shape, padded, rows, sequences, flash), (long)sequences * shape.Vocabulary * sizeof(float));
    }

    /// <summary>Σ over layers of KV heads × (key + value width) × bytes, for each cell.</summary>
    public static long KvBytes(ModelShape shape, long cells, KvCacheType kv)
    {
        var values = shape.KvHeads.Sum(heads => (long)heads) * (shape.KeyWidth + shape.ValueWidth) * cells;
        return kv switch
        {
            KvCacheType.F32 => values * 4,
            KvCacheType.Q8_0 => values / 32 * 34,
            _ => values * 2,
        };
    }

    /// <summary>
    /// The larger of two moments: a layer (scores of all heads over all cells in 32 bits and the mask, or with the fused kernel
    /// the mask alone in 16; the residual twice, both halves of the feed-forward part, query, key and value), and the logits.
    /// </summary>
    private static long ComputeBytes(ModelShape shape, long cells, int rows, int sequences, bool flash)
    {
        // The batch it is sized for has as many rows for each sequence.
        long reserved = (rows + sequences - 1) / sequences * sequences;
        var scores = flash ? 2 * reserved * cells : sizeof(float) * reserved * cells * (shape.Heads + 1);
        var kvWidth = (long)(shape.KvHeads.Count == 0 ? 0 : shape.KvHeads.Max()) * (shape.KeyWidth + shape.ValueWidth);
        var layer = scores + (sizeof(float) * reserved * ((2L * shape.Width) + (2L * shape.Hidden) + ((long)shape.Heads * shape.KeyWidth) + kvWidth));
        var mask = flash ? 2 * reserved * cells : sizeof(float) * reserved * cells;
        var logits = mask + (sizeof(float) * ((reserved * shape.Width) + ((long)sequences * shape.Vocabulary)));
        return Math.Max(layer, logits);
    }
}
