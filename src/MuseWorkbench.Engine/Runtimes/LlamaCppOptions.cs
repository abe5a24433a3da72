namespace MuseWorkbench.Engine.Runtimes;

/// <summary>What to load into a <see cref="LlamaCppRuntime"/> and how large to make its context.</summary>
public sealed record LlamaCppOptions
{
    /// <summary>llama.cpp keeps a bit per sequence for each cell; this many bits.</summary>
    public const int SequenceLimit = 256;

    /// <summary>Files up to this size have their weights checked unless told otherwise: about 1 ms for each MB on one core.</summary>
    public const long CheckedBytes = 1L << 30;

    /// <summary>The language model, a GGUF file; of a split model, its first part.</summary>
    public required string ModelPath { get; init; }

    /// <summary>KV cells, shared by all sequences. llama.cpp rounds up to a multiple of 256.</summary>
    public int ContextCells { get; init; } = 16384;

    /// <summary>Most rows of one decode.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>Most rows computed at once; at most <see cref="MaxBatch"/>. An image that attends in both directions must fit.</summary>
    public int PhysicalBatch { get; init; } = 512;

    /// <summary>Sequence ids, 1 to <see cref="SequenceLimit"/>: those that generate and those kept as prefixes. Also the most rows of one decode that may ask for logits.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>One more where that can be: a spare in which copies of cells are taken and put back.</summary>
    internal int NativeSequences => Math.Min(MaxSequences + 1, SequenceLimit);

    /// <summary>Compute threads; 0 is one for each physical core this process may use, less one. On a machine that does nothing else, all cores may be faster.</summary>
    public int Threads { get; init; }

    /// <summary>Layers put on a GPU where a backend offers one; −1 is all.</summary>
    public int GpuLayers { get; init; } = -1;

    /// <summary>The GPUs layers are put on, by llama.cpp's names (<c>CUDA0</c>); none for all there are.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>How the KV cache is stored.</summary>
    public KvCacheType KvType { get; init; } = KvCacheType.F16;

    /// <summary>How attention is computed.</summary>
    public FlashAttention FlashAttention { get; init; } = FlashAttention.Auto;

    /// <summary>Whether llama.cpp reads every weight and refuses those that are no numbers; null does so for files up to <see cref="CheckedBytes"/>.</summary>
    public bool? CheckTensors { get; init; }

    /// <summary>Folder of llama.cpp's libraries; null is <c>natives/llama</c> beside the assembly. One folder for the whole process.</summary>
    public string? NativeDirectory { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelPath);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextCells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PhysicalBatch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PhysicalBatch, MaxBatch);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSequences, SequenceLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(GpuLayers, -1);
        if (!Enum.IsDefined(KvType))
        {
            throw new ArgumentOutOfRangeException(nameof(KvType), KvType, "No way to store KV cells.");
        }
    }
}

/// <summary>Storage of KV cells; numbers are ggml's. The quantised one nearly halves memory and needs flash attention.</summary>
public enum KvCacheType
{
    /// <summary>Halves, or blocks of eight-bit values where halves don't fit into memory.</summary>
    Auto = -1,
    F32 = 0,
    F16 = 1,

    /// <summary>Blocks of 32 eight-bit values.</summary>
#pragma warning disable CA1707 // as llama.cpp writes it, and settings name it
    Q8_0 = 8,
#pragma warning restore CA1707
}

/// <summary>Whether attention is computed by the fused kernel; numbers are llama.cpp's.</summary>
public enum FlashAttention
{
    /// <summary>On GPUs where they support it. On CPUs only where the scores of plain attention would take too much memory: it is several times faster there for few rows.</summary>
    Auto = -1,
    Off = 0,
    On = 1,
}
