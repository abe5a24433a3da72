namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>Bytes a loaded model takes, by what for.</summary>
/// <param name="Weights">The model's tensors.</param>
/// <param name="Kv">The KV cache.</param>
/// <param name="Compute">Activations of one physical batch.</param>
/// <param name="Output">Logits handed out.</param>
public sealed record MemoryParts(long Weights, long Kv, long Compute, long Output)
{
    public long Total => Weights + Kv + Compute + Output;

    /// <summary>What is allocated beside the weights, which on a CPU are pages of their file.</summary>
    public long Allocated => Kv + Compute + Output;
}
