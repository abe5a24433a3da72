namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>Bytes a loaded model takes, by what for.</summary>
/// <param name="Weights">The model's tensors.</param>
/// <param name="Packed">Tensors once more, in the order of a processor's matrix units; none on most.</param>
/// <param name="Kv">The KV cache.</param>
/// <param name="Compute">Activations of one physical batch.</param>
/// <param name="Output">Logits handed out.</param>
public sealed record MemoryParts(long Weights, long Packed, long Kv, long Compute, long Output)
{
    public long Total => Weights + Packed + Kv + Compute + Output;

    /// <summary>What is allocated beside the weights, which on a CPU are pages of their file.</summary>
    public long Allocated => Packed + Kv + Compute + Output;
}
