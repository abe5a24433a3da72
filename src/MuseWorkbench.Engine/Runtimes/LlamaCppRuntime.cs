using Microsoft.Extensions.Logging;
using MuseWorkbench.Engine.Runtimes.Fit;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;
using MuseWorkbench.Engine.Runtimes.Llama;
using MuseWorkbench.Engine.Runtimes.Machine;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Runtimes;

/// <summary>llama.cpp (build b10361) behind the runtime seam: one model, one context with a unified KV cache.</summary>
public sealed unsafe partial class LlamaCppRuntime : ILlamaRuntime
{
    private readonly ILogger _logger;
    private readonly LlamaModelHandle _model;
    private readonly LlamaVocabulary _vocabulary;
    private readonly LlamaContextHandle _context;
    private readonly LlamaDevices _devices;
    private readonly LlamaBatchBuffer _batch;
    private readonly LogitsRow.Epoch _epoch = new();
    private readonly nint[] _logits;
    private readonly nint _memory;
    private readonly long _kvBytes;
    private readonly bool _severalAxes;
    private readonly Lazy<VocabularyPieces> _pieces;
    private bool _disposed;

    private LlamaCppRuntime(LlamaCppOptions options, ILogger logger, LlamaModelHandle model, LlamaContextHandle context, MemoryParts? estimated, MemoryParts? allocated)
    {
        _logger = logger;
        _model = model;
        _context = context;
        _vocabulary = new(model);
        _devices = LlamaDevices.For(options);
        _pieces = new(() => new(_vocabulary.Size, token => _vocabulary.TokenToPiece(token, special: false), _vocabulary.IsEndOfGeneration));
        _memory = LlamaNative.llama_get_memory(context);
        _severalAxes = LlamaNative.llama_model_rope_type(model) is 8 or 24 or 40; // M-RoPE, vision, interleaved M-RoPE
        Info = new()
        {
            Description = LlamaModelFacts.Describe(model),
            Architecture = LlamaModelFacts.Architecture(model),
            Device = _devices.Name,
            DeviceHasMemory = _devices.HaveMemory,
            CellCapacity = (int)LlamaNative.llama_n_ctx(context),
            TrainedContext = LlamaNative.llama_model_n_ctx_train(model),
            MaxBatch = (int)LlamaNative.llama_n_batch(context),
            MaxPhysicalBatch = (int)LlamaNative.llama_n_ubatch(context),
            MaxSequences = options.MaxSequences,
            CanSaveCells = LlamaNative.llama_n_seq_max(context) > options.MaxSequences && LlamaModelFacts.KeepsAllCells(model),
            VocabularySize = _vocabulary.Size,
            EmbeddingWidth = LlamaNative.llama_model_n_embd_inp(model),
            Parameters = (long)LlamaNative.llama_model_n_params(model),
            SizeBytes = (long)LlamaNative.llama_model_size(model),
            // Measured: plain attention also writes, softens and reads back a score a cell, about as much again; the fused kernel looks
            // at the mask once for each row, head and layer, which on a CPU takes as long as half of that.
            CellCost = (LlamaAttention.Choose(model, options).Kind == FlashAttention.Off ? 2 : 1) * LlamaModelFacts.AttentionPerCell(model),
            Estimated = estimated,
            Allocated = allocated,
            ChatTemplate = LlamaVocabulary.ReadTemplate(model, null),
            ToolChatTemplate = LlamaVocabulary.ReadTemplate(model, "tool_use"),
            BuiltInChatTemplate = _vocabulary.FindTemplateName(),
            BeginText = _vocabulary.BeginText,
            EndText = _vocabulary.EndText,
            AddsBegin = _vocabulary.AddsBegin,
        };
        _kvBytes = LlamaModelFacts.KvBytes(model, options.KvType, Info.CellCapacity);
        _batch = new(Info.MaxBatch);
        _logits = new nint[Info.MaxBatch];
    }

    public RuntimeInfo Info { get; }

    /// <summary>For libraries that read the model too, and keep it alive.</summary>
    internal LlamaModelHandle Model => _model;

    /// <summary>Loads a model; takes from milliseconds to minutes, on the calling thread.</summary>
    /// <param name="progress">0 to 1 while weights are read.</param>
    /// <exception cref="FileNotFoundException">No such model file.</exception>
    /// <exception cref="InvalidDataException">The file is not GGUF, damaged or truncated.</exception>
    /// <exception cref="RuntimeLoadException">llama.cpp's libraries are missing or another build's, or refuse the model; or it does not fit, with the numbers.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while loading.</exception>
    public static LlamaCppRuntime Load(LlamaCppOptions options, ILoggerFactory loggers, IProgress<float>? progress, CancellationToken cancellationToken)
    {
        options.Validate();
        GgufPreflight.Check(options.ModelPath);
        LlamaNatives.EnsureLoaded(options.NativeDirectory);
        var logger = loggers.CreateLogger<LlamaCppRuntime>();
        LlamaLog.Use(logger);
        var fit = LlamaFit.Plan(options);
        if (fit.Refusal is { } refusal)
        {
            throw new RuntimeLoadException(refusal);
        }

        options = fit.Options;
        var report = new LoadReport();
        LlamaModelHandle? model = null;
        LlamaContextHandle? context = null;
        try
        {
            model = LlamaLog.Listen(report.Read, () => LlamaLoader.LoadModel(options, progress, cancellationToken));
            context = LlamaLog.Listen(report.Read, () => LlamaLoader.CreateContext(model, options));
            var runtime = new LlamaCppRuntime(options, logger, model, context, fit.Estimated, report.Parts);
            runtime.LogLoaded(runtime.Info.Description, runtime.Info.Device, runtime.Info.CellCapacity, options.KvType, runtime.Info.MaxSequences, runtime.Info.MaxPhysicalBatch);
            if (options.GpuLayers != 0 && !fit.HasMemory && MachineReport.Take(options.NativeDirectory).Unused is { } unused)
            {
                runtime.LogUnused(unused);
            }

            return runtime;
        }
        catch
        {
            context?.Dispose();
            model?.Dispose();
            LlamaLog.Forget(logger);
            throw;
        }
    }

    /// <summary>What loading a model would take and what there is, without loading it.</summary>
    /// <exception cref="FileNotFoundException">No such model file.</exception>
    /// <exception cref="InvalidDataException">The file is not GGUF, damaged or truncated.</exception>
    /// <exception cref="RuntimeLoadException">llama.cpp's libraries are missing or another build's.</exception>
    public static EngineFit Look(LlamaCppOptions options)
    {
        options.Validate();
        GgufPreflight.Check(options.ModelPath);
        LlamaNatives.EnsureLoaded(options.NativeDirectory);
        return LlamaFit.Look(options);
    }

    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial) => _vocabulary.Tokenize(text, addSpecial, parseSpecial);

    public byte[] TokenToPiece(int token, bool special) => _vocabulary.TokenToPiece(token, special);

    public bool IsEndOfGeneration(int token) => _vocabulary.IsEndOfGeneration(token);

    public string ApplyChatTemplate(IReadOnlyList<(string Role, string Content)> messages) => _vocabulary.ApplyChatTemplate(messages);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch is malformed: nothing was computed.</exception>
    /// <exception cref="InvalidOperationException">Its positions do not continue its sequences: nothing was computed.</exception>
    public DecodeStatus Decode(DecodeBatch batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DecodeBatchChecks.Check(batch, Info);
        _epoch.Advance();
        Array.Clear(_logits);
        using var embeddings = batch.Embeddings.Pin();
        var native = _batch.Fill(batch, (float*)embeddings.Pointer, _severalAxes);
        var (result, errors) = batch.NonCausal ? DecodeNonCausal(native) : LlamaLog.Explain(() => LlamaNative.llama_decode(_context, native));
        switch (result)
        {
            case 0:
                TakeLogits(batch);
                return DecodeStatus.Ok;
            case 1:
                return DecodeStatus.NoSlot;
            case 2:
                return DecodeStatus.Aborted;
            case -1:
                throw new InvalidOperationException($"llama.cpp refused the batch. {errors}");
            default:
                LogFailed(result, errors);
                return DecodeStatus.Failed;
        }
    }

    public ReadOnlyMemory<float> GetLogits(int row)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_logits.Length);
        return _logits[row] != 0
            ? new LogitsRow(_epoch, (float*)_logits[row], Info.VocabularySize).Memory
            : throw new InvalidOperationException($"Row {row} of the last batch did not ask for logits, or was not computed.");
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException"><paramref name="destination"/> already holds positions there.</exception>
    public void CopySequence(int source, int destination, int from, int to)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckRange(source, from, to);
        CheckRange(destination, from, to);
        if (source != destination && from != to)
        {
            Share(source, destination, from, to);
        }
    }

    private int Spare => Info.MaxSequences;

    private void CheckSavable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Info.CanSaveCells)
        {
            throw new NotSupportedException("This model's cells can't be copied out of its context.");
        }
    }

    private void Share(int source, int destination, int from, int to)
    {
        // llama.cpp would count the destination's positions twice and later lose track of them.
        if (LlamaNative.llama_memory_seq_pos_max(_memory, destination) >= from
            && (to < 0 || LlamaNative.llama_memory_seq_pos_min(_memory, destination) < to))
        {
            throw new InvalidOperationException($"Sequence {destination} holds positions in [{from}, {to}) already; remove them first.");
        }

        LlamaNative.llama_memory_seq_cp(_memory, source, destination, from, to);
    }

    public bool RemoveSequence(int sequence, int from, int to)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckRange(sequence, from, to);
        return LlamaNative.llama_memory_seq_rm(_memory, sequence, from, to) != 0;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">llama.cpp could not copy them.</exception>
    public SavedCells SaveCells(int sequence, int from, int to)
    {
        CheckSavable();
        CheckRange(sequence, from, to);
        // llama.cpp's functions take whole sequences; this one holds nothing but the range, and nothing at all between calls.
        LlamaNative.llama_memory_seq_cp(_memory, sequence, Spare, from, to);
        try
        {
            return LlamaSavedCells.Take(_context, Spare);
        }
        finally
        {
            LlamaNative.llama_memory_seq_rm(_memory, Spare, 0, -1);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no room for them, or the sequence holds positions there.</exception>
    public void LoadCells(SavedCells cells, int sequence, int from, int to)
    {
        CheckSavable();
        CheckRange(sequence, from, to);
        ((LlamaSavedCells)cells).Put(_context, Spare);
        try
        {
            Share(Spare, sequence, from, to);
        }
        finally
        {
            LlamaNative.llama_memory_seq_rm(_memory, Spare, 0, -1);
        }
    }

    public ITokenSampler CreateSampler(SamplingOptions options) => TokenSamplers.Create(options, Info.VocabularySize, () => _pieces.Value);

    public RuntimeMemory GetMemory()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var (free, total) = _devices.Memory();
        return new(Info.SizeBytes, _kvBytes, free, total);
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _epoch.Advance();
        _context.Dispose();
        _vocabulary.Dispose();
        _model.Dispose();
        _batch.Dispose();
        LlamaLog.Forget(_logger);
    }

    // Causality is a switch of the whole context, so it is never left off.
    private (int Result, string Errors) DecodeNonCausal(LlamaBatch batch)
    {
        LlamaNative.llama_set_causal_attn(_context, 0);
        try
        {
            return LlamaLog.Explain(() => LlamaNative.llama_decode(_context, batch));
        }
        finally
        {
            LlamaNative.llama_set_causal_attn(_context, 1);
        }
    }

    // Here, on the one thread that may touch the context: looking rows up may reorder the output buffer.
    private void TakeLogits(DecodeBatch batch)
    {
        LlamaNative.llama_synchronize(_context);
        for (var row = 0; row < batch.Rows; row++)
        {
            if (batch.WantLogits[row])
            {
                _logits[row] = (nint)LlamaNative.llama_get_logits_ith(_context, row);
            }
        }
    }

    private void CheckRange(int sequence, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)Info.MaxSequences, nameof(sequence));
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, -1);
    }

    [LoggerMessage(LogLevel.Information, "Loaded {Model} on {Device}: {Cells} KV cells as {KvType}, {Sequences} sequences, {Rows} rows computed at once")]
    private partial void LogLoaded(string model, string device, int cells, KvCacheType kvType, int sequences, int rows);

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void LogUnused(string reason);

    [LoggerMessage(LogLevel.Error, "Decode failed with {Result}: {Errors}")]
    private partial void LogFailed(int result, string errors);
}
