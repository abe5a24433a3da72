using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Machine;

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

    /// <summary>Handles of the GPUs, for llama.cpp.</summary>
    public IReadOnlyList<nint> Gpus => _gpus;

    /// <exception cref="RuntimeLoadException">A device that the options name isn't there.</exception>
    public static LlamaDevices For(LlamaCppOptions options)
    {
        var devices = All().ToLookup(LlamaNative.ggml_backend_dev_type);
        nint[] gpus = options.GpuLayers == 0 ? []
            : options.Devices.Count > 0 ? Named(options.Devices, [.. devices[GgmlDeviceType.Gpu], .. devices[GgmlDeviceType.IntegratedGpu]])
            : [.. devices[devices.Contains(GgmlDeviceType.Gpu) ? GgmlDeviceType.Gpu : GgmlDeviceType.IntegratedGpu]];
        var names = (gpus.Length > 0 ? gpus : [.. devices[GgmlDeviceType.Cpu].Take(1)])
            .Select(Describe)
            .GroupBy(name => name, (name, all) => all.Count() is var n and > 1 ? $"{n} × {name}" : name);
        return new(gpus, string.Join(", ", names));
    }

    /// <summary>Every device of every backend that works here.</summary>
    public static IReadOnlyList<ComputeDevice> List() =>
        [.. All().Select(device =>
        {
            var type = LlamaNative.ggml_backend_dev_type(device);
            var (free, total) = type is GgmlDeviceType.Gpu or GgmlDeviceType.IntegratedGpu ? MemoryOf(device) : MachineMemory.Read();
            return new ComputeDevice(NameOf(device), Describe(device), type.ToString(), free, total);
        })];

    private static nint[] Named(IReadOnlyList<string> names, nint[] gpus) =>
        [.. names.Select(name => gpus.FirstOrDefault(gpu => string.Equals(NameOf(gpu), name, StringComparison.OrdinalIgnoreCase)) is var found and not 0 ? found
            : throw new RuntimeLoadException($"There is no GPU \"{name}\" (Engine:Devices). {(gpus.Length == 0 ? "llama.cpp's libraries find none here" : $"There are {string.Join(", ", gpus.Select(NameOf))}")}."))];

    private static IEnumerable<nint> All() => Enumerable.Range(0, (int)LlamaNative.ggml_backend_dev_count()).Select(i => LlamaNative.ggml_backend_dev_get((nuint)i));

    private static string NameOf(nint device) => Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_name(device)) ?? "";

    private static string Describe(nint device) => Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_description(device)) ?? "device";

    private static (long Free, long Total) MemoryOf(nint gpu)
    {
        LlamaNative.ggml_backend_dev_memory(gpu, out var free, out var total);
        return ((long)free, (long)total);
    }

    /// <summary>Names of the buffers into which the CPU backend copies weights in an order of its own, first choice first; none on most processors.</summary>
    public static unsafe IReadOnlyList<string> CpuBuffers()
    {
        var cpu = All().FirstOrDefault(device => LlamaNative.ggml_backend_dev_type(device) == GgmlDeviceType.Cpu);
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

        var parts = _gpus.Select(MemoryOf).ToArray();
        return (parts.Sum(part => part.Free), parts.Sum(part => part.Total));
    }
}
