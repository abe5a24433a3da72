using MuseWorkbench.Engine.Runtimes.Fit;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Runtimes;

/// <summary>
/// One model and one context of native inference. Everything but tokenising and detokenising belongs to the one
/// thread that drives the engine; the tokeniser is read-only and may be called from any thread.
/// Misuse that native code answers with an abort (too many tokens, a sequence out of range) throws here first.
/// </summary>
public interface ILlamaRuntime : IDisposable
{
    RuntimeInfo Info { get; }

    /// <summary>Token ids of a text. Control tokens written in it are recognised only with <paramref name="parseSpecial"/>.</summary>
    int[] Tokenize(string text, bool addSpecial, bool parseSpecial);

    /// <summary>The UTF-8 bytes a token stands for; may be part of a character. Control tokens give none unless <paramref name="special"/>, but for those that say where a call of a tool is.</summary>
    byte[] TokenToPiece(int token, bool special);

    /// <summary>Whether generation ends with this token.</summary>
    bool IsEndOfGeneration(int token);

    /// <summary>One of the runtime's own chat formats, chosen by the model's template, applied to messages, with the assistant's turn opened.</summary>
    /// <exception cref="NotSupportedException">The model carries no template the runtime recognises.</exception>
    string ApplyChatTemplate(IReadOnlyList<(string Role, string Content)> messages);

    /// <summary>Computes a batch of token rows, or of embedding rows; never both.</summary>
    DecodeStatus Decode(DecodeBatch batch);

    /// <summary>Logits of a batch row that asked for them, valid until the next <see cref="Decode"/>; readable from other threads meanwhile.</summary>
    ReadOnlyMemory<float> GetLogits(int row);

    /// <summary>Lets <paramref name="destination"/> share the cells of <paramref name="source"/> in positions [<paramref name="from"/>, <paramref name="to"/>).</summary>
    void CopySequence(int source, int destination, int from, int to);

    /// <summary>Drops a sequence's positions [<paramref name="from"/>, <paramref name="to"/>); −1 as <paramref name="to"/> means to the end. False where this kind of memory can't.</summary>
    bool RemoveSequence(int sequence, int from, int to);

    /// <summary>Copies a sequence's cells at positions [<paramref name="from"/>, <paramref name="to"/>) to host memory. Only where <see cref="RuntimeInfo.CanSaveCells"/>.</summary>
    SavedCells SaveCells(int sequence, int from, int to);

    /// <summary>
    /// Appends to a sequence those saved cells that are at positions [<paramref name="from"/>, <paramref name="to"/>), as new ones of its own.
    /// For a moment it takes room for all that were saved together.
    /// </summary>
    void LoadCells(SavedCells cells, int sequence, int from, int to);

    /// <summary>A sampler chain for one sequence. May be used from any thread, one at a time.</summary>
    ITokenSampler CreateSampler(SamplingOptions options);

    /// <summary>Memory as the runtime and its device report it.</summary>
    RuntimeMemory GetMemory();
}

/// <summary>Cells of a sequence, copied to host memory. Outlives the runtime; of use to it alone.</summary>
public abstract class SavedCells : IDisposable
{
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Facts fixed when a runtime is loaded.</summary>
public sealed record RuntimeInfo
{
    public required string Description { get; init; }
    /// <summary>As the model's file names it (<c>general.architecture</c>); null where that is not known.</summary>
    public string? Architecture { get; init; }
    public required string Device { get; init; }
    /// <summary>Whether the device has memory of its own; without, it uses the machine's.</summary>
    public required bool DeviceHasMemory { get; init; }
    /// <summary>KV cells, as allocated (padding included).</summary>
    public required int CellCapacity { get; init; }
    /// <summary>Longest sequence the model was trained for.</summary>
    public required int TrainedContext { get; init; }
    /// <summary>Most rows one <see cref="ILlamaRuntime.Decode"/> may carry.</summary>
    public required int MaxBatch { get; init; }
    /// <summary>Most rows of one physical batch: the longest non-causal image chunk.</summary>
    public required int MaxPhysicalBatch { get; init; }
    /// <summary>Sequence ids run from 0 to this, exclusive.</summary>
    public required int MaxSequences { get; init; }
    public required int VocabularySize { get; init; }
    public required int EmbeddingWidth { get; init; }
    public required long Parameters { get; init; }
    public required long SizeBytes { get; init; }
    /// <summary>What a cell of the cache costs a row that may not see it, on a CPU, in multiply-adds over all layers, estimated; 0 for nothing.</summary>
    public long CellCost { get; init; }
    /// <summary>Whether cells can be copied to host memory and back: not those of models whose layers keep a window only, or a running state.</summary>
    public bool CanSaveCells { get; init; }
    /// <summary>Memory as estimated before loading; null where the file doesn't tell.</summary>
    public MemoryParts? Estimated { get; init; }
    /// <summary>Memory as the runtime says it allocated; null where it doesn't.</summary>
    public MemoryParts? Allocated { get; init; }
    /// <summary>The Jinja template the model carries; null for none.</summary>
    public string? ChatTemplate { get; init; }
    /// <summary>One for chats with tools, where the model carries two.</summary>
    public string? ToolChatTemplate { get; init; }
    /// <summary>The one of the runtime's own list that <see cref="ILlamaRuntime.ApplyChatTemplate"/> uses; null where it can't be told.</summary>
    public string? BuiltInChatTemplate { get; init; }
    /// <summary>The begin token as text; empty where there is none.</summary>
    public string BeginText { get; init; } = "";
    /// <summary>The end token as text; empty where there is none.</summary>
    public string EndText { get; init; } = "";
    /// <summary>Whether tokenising puts the begin token before a prompt.</summary>
    public bool AddsBegin { get; init; }
}

/// <summary>Bytes. See <see cref="MuseWorkbench.Core.MemoryUse"/> for meanings.</summary>
public readonly record struct RuntimeMemory(long Weights, long Kv, long DeviceFree, long DeviceTotal);

/// <summary>Outcome of a decode; expected outcomes are values, not exceptions.</summary>
public enum DecodeStatus
{
    Ok,
    /// <summary>No room in the cache; the batch left no trace.</summary>
    NoSlot,
    /// <summary>Aborted from outside; rows already computed stay.</summary>
    Aborted,
    /// <summary>The context can no longer be trusted.</summary>
    Failed,
}

/// <summary>
/// Rows for one decode. Structure of arrays, filled by the scheduler's plan and reused between steps.
/// Either <see cref="Tokens"/> or <see cref="Embeddings"/> is used.
/// </summary>
public sealed class DecodeBatch
{
    /// <summary>Token id per row; empty when embeddings are given.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>Rows × embedding width, row-major; empty when tokens are given.</summary>
    public ReadOnlyMemory<float> Embeddings { get; set; }

    /// <summary>Position per row.</summary>
    public List<int> Positions { get; } = [];

    /// <summary>Place per row of embeddings, its <see cref="AxisPosition.T"/> the row's position; empty for tokens. Read by models with several axes (M-RoPE) only.</summary>
    public List<AxisPosition> Axes { get; } = [];

    /// <summary>Sequence id per row.</summary>
    public List<int> Sequences { get; } = [];

    /// <summary>Whether the row's logits are wanted.</summary>
    public List<bool> WantLogits { get; } = [];

    /// <summary>Rows attend to all rows of the batch's own sequence, not only to earlier ones: an image chunk of a model that asks for it. One sequence, one chunk.</summary>
    public bool NonCausal { get; set; }

    public int Rows => Positions.Count;

    public void Clear()
    {
        Tokens.Clear();
        Positions.Clear();
        Axes.Clear();
        Sequences.Clear();
        WantLogits.Clear();
        Embeddings = default;
        NonCausal = false;
    }
}
