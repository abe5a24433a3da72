using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Images.Mtmd;

/// <summary>Owns an <c>mtmd_context</c> and keeps the text model alive, whose vocabulary it reads.</summary>
internal sealed class MtmdContextHandle() : SafeHandle(0, ownsHandle: true)
{
    private LlamaModelHandle? _model;

    public override bool IsInvalid => handle == 0;

    /// <summary>A context of a projector file; invalid where libmtmd could not make one.</summary>
    public static MtmdContextHandle Create(string path, LlamaModelHandle model, MtmdContextParams parameters)
    {
        var context = MtmdNative.mtmd_init_from_file(path, model, parameters);
        if (!context.IsInvalid)
        {
            var added = false;
            model.DangerousAddRef(ref added);
            context._model = model;
        }

        return context;
    }

    protected override bool ReleaseHandle()
    {
        MtmdNative.mtmd_free(handle);
        _model?.DangerousRelease();
        return true;
    }
}

/// <summary>Owns an <c>mtmd_bitmap</c>.</summary>
internal sealed class MtmdBitmapHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MtmdNative.mtmd_bitmap_free(handle);
        return true;
    }
}

/// <summary>Owns a list of <c>mtmd_input_chunk</c> and the chunks in it.</summary>
internal sealed class MtmdChunksHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MtmdNative.mtmd_input_chunks_free(handle);
        return true;
    }
}
