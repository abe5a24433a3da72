using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;
using MuseWorkbench.Engine.Runtimes.Machine;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Loads a model file and makes its context.</summary>
internal static unsafe class LlamaLoader
{
    public static LlamaModelHandle LoadModel(LlamaCppOptions options, IProgress<float>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var watcher = new Watcher(progress, cancellationToken);
        var pin = GCHandle.Alloc(watcher);
        // Ends with a null, as llama.cpp reads it; null itself is every device there is.
        nint[]? devices = options.Devices.Count > 0 && options.GpuLayers != 0 ? [.. LlamaDevices.For(options).Gpus, 0] : null;
        fixed (nint* first = devices)
        try
        {
            var parameters = LlamaNative.llama_model_default_params();
            parameters.GpuLayers = options.GpuLayers;
            parameters.Devices = (nint)first;
            parameters.CheckTensors = options.CheckTensors ?? new FileInfo(options.ModelPath).Length <= LlamaCppOptions.CheckedBytes ? (byte)1 : (byte)0;
            parameters.ProgressCallback = &OnProgress;
            parameters.ProgressUserData = GCHandle.ToIntPtr(pin);
            var (model, errors) = LlamaLog.Explain(() => LlamaNative.llama_model_load_from_file(Path.GetFullPath(options.ModelPath), parameters));
            if (!model.IsInvalid)
            {
                return model;
            }

            model.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new RuntimeLoadException($"llama.cpp could not load {options.ModelPath}. {errors}", watcher.Failure);
        }
        finally
        {
            pin.Free();
        }
    }

    /// <exception cref="RuntimeLoadException">Not a model that generates text by tokens, or no memory for its context.</exception>
    public static LlamaContextHandle CreateContext(LlamaModelHandle model, LlamaCppOptions options)
    {
        if (LlamaNative.llama_model_has_decoder(model) == 0 || LlamaNative.llama_model_has_encoder(model) != 0)
        {
            throw new RuntimeLoadException($"{options.ModelPath} has an encoder; only models that decode alone can be served.");
        }

        if (LlamaNative.llama_model_is_recurrent(model) != 0 || LlamaNative.llama_model_is_hybrid(model) != 0)
        {
            throw new RuntimeLoadException(ModelChecks.Recurrent(options.ModelPath, LlamaModelFacts.Architecture(model) ?? "?"));
        }

        var threads = options.Threads > 0 ? options.Threads : CpuCores.ForCompute();
        var attention = LlamaAttention.Choose(model, options);
        var parameters = LlamaNative.llama_context_default_params();
        parameters.Context = (uint)options.ContextCells;
        parameters.Batch = (uint)options.MaxBatch;
        parameters.PhysicalBatch = (uint)attention.PhysicalBatch;
        parameters.MaxSequences = (uint)options.NativeSequences;
        // Sizes the output buffer; less than the number of sequences aborts.
        parameters.MaxOutputs = parameters.MaxSequences;
        parameters.Threads = threads;
        parameters.ThreadsBatch = threads;
        parameters.FlashAttention = (int)attention.Kind;
        parameters.TypeK = (int)options.KvType;
        parameters.TypeV = (int)options.KvType;
        // One buffer for all sequences: forking then shares cells instead of copying them.
        parameters.UnifiedKv = 1;
        var (context, errors) = LlamaLog.Explain(() => LlamaContextHandle.Create(model, parameters));
        if (context.IsInvalid)
        {
            context.Dispose();
            throw new RuntimeLoadException($"llama.cpp could not make a context of {options.ContextCells} cells. {errors}");
        }

        if (LlamaNative.llama_get_memory(context) == 0)
        {
            context.Dispose();
            throw new RuntimeLoadException($"{options.ModelPath} keeps no KV cache, so it is no model that generates text token by token.");
        }

        return context;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float progress, nint userData) =>
        ((Watcher)GCHandle.FromIntPtr(userData).Target!).Continue(progress) ? (byte)1 : (byte)0;

    private sealed class Watcher(IProgress<float>? progress, CancellationToken cancellationToken)
    {
        /// <summary>What the caller's progress threw; it must not cross native code.</summary>
        public Exception? Failure { get; private set; }

        public bool Continue(float value)
        {
            try
            {
                progress?.Report(value);
            }
            catch (Exception e)
            {
                Failure = e;
                return false;
            }

            return !cancellationToken.IsCancellationRequested;
        }
    }
}
