namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>A sequence's state as llama.cpp writes it, in native memory: large, and of no interest to the garbage collector.</summary>
internal sealed unsafe class LlamaSavedCells : SavedCells
{
    private readonly nuint _size;
    private byte* _state;

    private LlamaSavedCells(nuint size)
    {
        _size = size;
        _state = HostPages.Allocate(size);
    }

    ~LlamaSavedCells() => Dispose(disposing: false);

    /// <exception cref="InvalidOperationException">llama.cpp did not write it.</exception>
    public static LlamaSavedCells Take(LlamaContextHandle context, int sequence)
    {
        var cells = new LlamaSavedCells(LlamaNative.llama_state_seq_get_size(context, sequence));
        var (written, errors) = LlamaLog.Explain(() => LlamaNative.llama_state_seq_get_data(context, cells._state, cells._size, sequence));
        if (written != cells._size)
        {
            cells.Dispose();
            throw new InvalidOperationException($"llama.cpp could not copy the cells of a sequence. {errors}");
        }

        return cells;
    }

    /// <summary>Replaces what a sequence holds.</summary>
    /// <exception cref="InvalidOperationException">llama.cpp did not take it: no room.</exception>
    public void Put(LlamaContextHandle context, int sequence)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        var (read, errors) = LlamaLog.Explain(() => LlamaNative.llama_state_seq_set_data(context, _state, _size, sequence));
        if (read == 0)
        {
            throw new InvalidOperationException($"llama.cpp could not put cells back. {errors}");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_state is not null)
        {
            HostPages.Free(_state, _size);
            _state = null;
        }
    }
}
