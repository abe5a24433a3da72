using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Owns the threads that compute a context's graphs. Left to itself, a CPU backend built without OpenMP starts its
/// threads anew for every graph, which a small model notices at every step.
/// </summary>
internal sealed unsafe class LlamaThreadPool : SafeHandle
{
    /// <summary>
    /// How long a thread without work looks for some before it sleeps, in ggml's units of about five milliseconds each:
    /// through the pause between two steps, but only where a core is left for who else has work in it.
    /// </summary>
    private const uint BetweenSteps = 1;

    private readonly delegate* unmanaged[Cdecl]<nint, void> _free;

    private LlamaThreadPool(nint pool, delegate* unmanaged[Cdecl]<nint, void> free) : base(0, ownsHandle: true)
    {
        _free = free;
        SetHandle(pool);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Threads for a context to be attached to; null where the CPU backend offers none or the system gives none.</summary>
    /// <param name="threads">The calling thread counts as one.</param>
    public static LlamaThreadPool? Start(int threads)
    {
        var cpu = Enumerable.Range(0, (int)LlamaNative.ggml_backend_dev_count())
            .Select(i => LlamaNative.ggml_backend_dev_get((nuint)i))
            .FirstOrDefault(device => LlamaNative.ggml_backend_dev_type(device) == GgmlDeviceType.Cpu);
        if (threads < 2 || threads > GgmlThreadPoolParams.MaxThreads || cpu == 0)
        {
            return null;
        }

        var backend = LlamaNative.ggml_backend_dev_backend_reg(cpu);
        var start = (delegate* unmanaged[Cdecl]<GgmlThreadPoolParams*, nint>)LlamaNative.ggml_backend_reg_get_proc_address(backend, "ggml_threadpool_new");
        var free = (delegate* unmanaged[Cdecl]<nint, void>)LlamaNative.ggml_backend_reg_get_proc_address(backend, "ggml_threadpool_free");
        if (start == null || free == null)
        {
            return null;
        }

        GgmlThreadPoolParams parameters;
        LlamaNative.ggml_threadpool_params_init(&parameters, threads);
        parameters.Poll = threads < Environment.ProcessorCount ? BetweenSteps : 0;
        var pool = start(&parameters);
        return pool == 0 ? null : new(pool, free);
    }

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }
}
