using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>The devices a model's layers go to: every GPU where layers are offloaded and there is one (integrated ones only without another), else the CPU.</summary>
internal sealed class LlamaDevices
{
    private readonly nint[] _gpus;

    private LlamaDevices(nint[] gpus, string name)
    {
        _gpus = gpus;
        Name = name;
    }

    /// <summary>As the backend describes it, such as <c>NVIDIA H200</c>; of several equal ones, with their number.</summary>
    public string Name { get; }

    /// <summary>Whether these are GPUs.</summary>
    public bool HaveMemory => _gpus.Length > 0;

    public static LlamaDevices For(int gpuLayers)
    {
        var devices = Enumerable.Range(0, (int)LlamaNative.ggml_backend_dev_count())
            .Select(i => LlamaNative.ggml_backend_dev_get((nuint)i))
            .ToLookup(LlamaNative.ggml_backend_dev_type);
        nint[] gpus = gpuLayers == 0 ? [] : [.. devices[devices.Contains(GgmlDeviceType.Gpu) ? GgmlDeviceType.Gpu : GgmlDeviceType.IntegratedGpu]];
        var names = (gpus.Length > 0 ? gpus : [.. devices[GgmlDeviceType.Cpu].Take(1)])
            .Select(device => Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_description(device)) ?? "device")
            .GroupBy(name => name, (name, all) => all.Count() is var n and > 1 ? $"{n} × {name}" : name);
        return new(gpus, string.Join(", ", names));
    }

    /// <summary>Names of the buffers into which the CPU backend copies weights in an order of its own, first choice first; none on most processors.</summary>
    public static unsafe IReadOnlyList<string> CpuBuffers()
    {
        var cpu = Enumerable.Range(0, (int)LlamaNative.ggml_backend_dev_count())
            .Select(i => LlamaNative.ggml_backend_dev_get((nuint)i))
            .FirstOrDefault(device => LlamaNative.ggml_backend_dev_type(device) == GgmlDeviceType.Cpu);
        var list = cpu == 0
            ? null
            : (delegate* unmanaged[Cdecl]<nint, nint*>)LlamaNative.ggml_backend_reg_get_proc_address(LlamaNative.ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts");
        if (list == null)
        {
            return [];
        }

        var names = new List<string>();
        for (var buffer = list(cpu); buffer is not null && *buffer != 0; buffer++)
        {
            names.Add(Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_buft_name(*buffer)) ?? "");
        }

        return names;
    }

    /// <summary>Bytes free and in all: of the GPUs, or of the machine.</summary>
    public (long Free, long Total) Memory()
    {
        if (_gpus.Length == 0)
        {
            return MachineMemory.Read();
        }

        var (free, total) = (0L, 0L);
        foreach (var gpu in _gpus)
        {
            LlamaNative.ggml_backend_dev_memory(gpu, out var f, out var t);
            free += (long)f;
            total += (long)t;
        }

        return (free, total);
    }
}
