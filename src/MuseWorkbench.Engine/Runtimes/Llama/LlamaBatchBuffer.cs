using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Images;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>A <c>llama_batch</c> in native memory, allocated once for the largest batch: one sequence and up to four positions per row.</summary>
internal sealed unsafe class LlamaBatchBuffer : IDisposable
{
    private const int Axes = 4;

    private readonly int _capacity;
    private readonly int* _sequences;
    private LlamaBatch _batch;

    public LlamaBatchBuffer(int capacity)
    {
        _capacity = capacity;
        _batch.Tokens = Allocate<int>();
        _batch.Positions = (int*)NativeMemory.Alloc((nuint)capacity * Axes, sizeof(int));
        _batch.SequenceCounts = Allocate<int>();
        _batch.Logits = Allocate<sbyte>();
        _batch.Sequences = (int**)Allocate<nint>();
        _sequences = Allocate<int>();
        for (var row = 0; row < capacity; row++)
        {
            _batch.SequenceCounts[row] = 1;
            _batch.Sequences[row] = _sequences + row;
        }
    }

    /// <summary>The rows of a checked batch, in native form; valid until the next call.</summary>
    /// <param name="embeddings">Replaces tokens where not null.</param>
    /// <param name="severalAxes">Whether the model places embeddings on several axes; tokens always have one position.</param>
    public LlamaBatch Fill(DecodeBatch batch, float* embeddings, bool severalAxes = false)
    {
        var rows = batch.Rows;
        CollectionsMarshal.AsSpan(batch.Tokens).CopyTo(new(_batch.Tokens, _capacity));
        CollectionsMarshal.AsSpan(batch.Positions).CopyTo(new(_batch.Positions, _capacity));
        CollectionsMarshal.AsSpan(batch.Sequences).CopyTo(new(_sequences, _capacity));
        for (var row = 0; row < rows; row++)
        {
            _batch.Logits[row] = batch.WantLogits[row] ? (sbyte)1 : (sbyte)0;
        }

        var native = _batch;
        native.Count = rows;
        native.Embeddings = embeddings;
        if (embeddings is not null)
        {
            native.Tokens = null;
            if (severalAxes)
            {
                FillAxes(batch);
            }
        }

        return native;
    }

    /// <summary>Plane after plane, in llama.cpp's order of axes: t, y, x, z.</summary>
    private void FillAxes(DecodeBatch batch)
    {
        var rows = batch.Rows;
        for (var row = 0; row < rows; row++)
        {
            var place = batch.Axes.Count > 0 ? batch.Axes[row] : AxisPosition.Line(batch.Positions[row]);
            _batch.Positions[row] = batch.Positions[row];
            _batch.Positions[rows + row] = place.Y;
            _batch.Positions[(2 * rows) + row] = place.X;
            _batch.Positions[(3 * rows) + row] = place.Z;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_batch.Tokens);
        NativeMemory.Free(_batch.Positions);
        NativeMemory.Free(_batch.SequenceCounts);
        NativeMemory.Free(_batch.Logits);
        NativeMemory.Free(_batch.Sequences);
        NativeMemory.Free(_sequences);
        _batch = default;
    }

    private T* Allocate<T>() where T : unmanaged => (T*)NativeMemory.Alloc((nuint)_capacity, (nuint)sizeof(T));
}
