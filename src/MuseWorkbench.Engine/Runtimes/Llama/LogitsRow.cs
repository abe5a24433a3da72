using System.Buffers;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>One row of the context's output buffer, without a copy. Reading it after the next decode throws instead of giving another row's numbers.</summary>
internal sealed unsafe class LogitsRow(LogitsRow.Epoch epoch, float* values, int count) : MemoryManager<float>
{
    private readonly int _born = epoch.Value;

    public override Span<float> GetSpan()
    {
        if (epoch.Value != _born)
        {
            throw new InvalidOperationException("These logits were replaced by a later decode.");
        }

        return new(values, count);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)count);
        return new(values + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>Counts decodes; read by the threads that sample.</summary>
    internal sealed class Epoch
    {
        private volatile int _value;

        public int Value => _value;

        /// <summary>By the one thread that decodes.</summary>
        public void Advance() => _value++;
    }
}
