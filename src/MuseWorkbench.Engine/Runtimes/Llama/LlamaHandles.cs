using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Owns a <c>llama_model</c>.</summary>
internal sealed class LlamaModelHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_model_free(handle);
        return true;
    }
}

/// <summary>A model's vocabulary: part of the model, so it keeps the model alive instead of being freed.</summary>
internal sealed class LlamaVocabularyHandle : SafeHandle
{
    private readonly LlamaModelHandle _model;

    public LlamaVocabularyHandle(LlamaModelHandle model) : base(0, ownsHandle: true)
    {
        _model = model;
        var added = false;
        model.DangerousAddRef(ref added);
        SetHandle(LlamaNative.llama_model_get_vocab(model));
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        _model.DangerousRelease();
        return true;
    }
}

/// <summary>Owns a <c>llama_context</c> and its compute threads, and keeps its model alive.</summary>
internal sealed class LlamaContextHandle() : SafeHandle(0, ownsHandle: true)
{
    private LlamaModelHandle? _model;
    private LlamaThreadPool? _threads;

    public override bool IsInvalid => handle == 0;

    /// <summary>A context of a model; invalid where llama.cpp could not make one.</summary>
    public static LlamaContextHandle Create(LlamaModelHandle model, LlamaContextParams parameters)
    {
        var context = LlamaNative.llama_init_from_model(model, parameters);
        if (!context.IsInvalid)
        {
            var added = false;
            model.DangerousAddRef(ref added);
            context._model = model;
            context._threads = LlamaThreadPool.Start(parameters.ThreadsBatch);
            if (context._threads is { } threads)
            {
                LlamaNative.llama_attach_threadpool(context.handle, threads, threads);
            }
        }

        return context;
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_free(handle);
        _threads?.Dispose();
        _model?.DangerousRelease();
        return true;
    }
}

/// <summary>Owns a <c>llama_sampler</c> chain and, with it, the samplers added to it.</summary>
internal sealed class LlamaSamplerHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_sampler_free(handle);
        return true;
    }
}
