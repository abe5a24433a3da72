using MuseWorkbench.Engine.Runtimes.Gguf;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>How a model will be loaded, and what it will take.</summary>
/// <param name="Options">With everything chosen that was left open.</param>
/// <param name="Estimated">Memory to be expected; null where the file doesn't tell.</param>
/// <param name="Device">Where its layers go.</param>
/// <param name="HasMemory">Whether that is a GPU, with memory of its own.</param>
/// <param name="Free">Bytes free there, or in the machine.</param>
/// <param name="Total">Bytes there are.</param>
/// <param name="Refusal">Why it can't be loaded, with the numbers; null where it fits.</param>
internal sealed record LoadFit(LlamaCppOptions Options, MemoryParts? Estimated, string Device, bool HasMemory, long Free, long Total, string? Refusal = null);

/// <summary>Looks at a model file and this machine's devices before anything is allocated.</summary>
internal static class LlamaFit
{
    /// <exception cref="RuntimeLoadException">A device that was named isn't there.</exception>
    public static LoadFit Plan(LlamaCppOptions options)
    {
        var devices = LlamaDevices.For(options);
        var (free, total) = devices.Memory();
        ModelShape? shape;
        long packed;
        using (var file = GgufFile.Open(options.ModelPath))
        {
            shape = ModelShape.Read(file);
            packed = devices.HaveMemory ? 0 : WeightPacking.Bytes([.. file.Tensors.Values], LlamaDevices.CpuBuffers());
        }

        // A split model's other parts hold most of the weights.
        if (shape is null || IsSplit(options.ModelPath))
        {
            return new(options.KvType == KvCacheType.Auto ? options with { KvType = KvCacheType.F16 } : options, null, devices.Name, devices.HaveMemory, free, total);
        }

        MemoryParts Estimate(LlamaCppOptions o) => For(shape, o, devices.HaveMemory, packed);
        // Layers that are set hold: the system may page, and the user may know better.
        var chosen = FitChoice.Choose(options, Estimate, shape, parts => (devices.HaveMemory && options.GpuLayers >= 0) || MemoryFit.Fits(parts, free, total, mapped: !devices.HaveMemory));
        var wanted = Estimate(chosen);
        if (devices.HaveMemory)
        {
            return new(options.GpuLayers >= 0 ? chosen : chosen with { GpuLayers = MemoryFit.Layers(wanted, shape.Layers, free) }, wanted, devices.Name, devices.HaveMemory, free, total);
        }

        var reason = MemoryFit.Refuse(cells => Estimate(chosen with { ContextCells = cells }), chosen.ContextCells, free, total, mapped: true);
        return new(chosen, wanted, devices.Name, devices.HaveMemory, free, total, reason is null ? null : $"{options.ModelPath} does not fit into memory. {reason}");
    }

    /// <summary>What loading takes and what there is, nothing refused.</summary>
    public static EngineFit Look(LlamaCppOptions options)
    {
        var fit = Plan(options);
        // On a CPU weights are pages of their file: they need no room that is free.
        return new EngineFit(fit.Device, fit.HasMemory ? fit.Estimated?.Total : fit.Estimated?.Allocated, fit.Free, fit.Total);
    }

    /// <summary>Memory with all that the options say.</summary>
    /// <param name="gpu">Whether layers go to a device with memory of its own.</param>
    /// <param name="packed">Bytes of weights copied for matrix units.</param>
    public static MemoryParts For(ModelShape shape, LlamaCppOptions options, bool gpu, long packed = 0)
    {
        var attention = LlamaAttention.Choose(options, gpu, shape.Heads, shape.Parameters / Math.Max(1, shape.AttentionPerCell));
        return MemoryEstimate.Of(shape, options.ContextCells, Math.Min(attention.PhysicalBatch, options.ContextCells), options.NativeSequences, options.KvType, attention.Kind != FlashAttention.Off, packed);
    }

    private static bool IsSplit(string path) => path.Contains("-of-", StringComparison.Ordinal);
}
