using MuseWorkbench.Engine.Runtimes.Gguf;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>Looks at a model file and this machine's devices before anything is allocated.</summary>
internal static class LlamaFit
{
    /// <summary>The options to load with, and the memory that is to be expected; null where the file doesn't tell.</summary>
    /// <exception cref="RuntimeLoadException">It does not fit.</exception>
    public static (LlamaCppOptions Options, MemoryParts? Estimated) Plan(LlamaCppOptions options)
    {
        ModelShape? shape;
        long packed;
        using (var file = GgufFile.Open(options.ModelPath))
        {
            shape = ModelShape.Read(file);
            packed = options.GpuLayers == 0 || !LlamaDevices.For(options.GpuLayers).HaveMemory ? WeightPacking.Bytes([.. file.Tensors.Values], LlamaDevices.CpuBuffers()) : 0;
        }

        // A split model's other parts hold most of the weights.
        if (shape is null || IsSplit(options.ModelPath))
        {
            return (options, null);
        }

        var devices = LlamaDevices.For(options.GpuLayers);
        var (free, total) = devices.Memory();
        MemoryParts Estimate(int cells) => For(shape, options with { ContextCells = cells }, devices.HaveMemory, packed);
        var wanted = Estimate(options.ContextCells);
        if (!devices.HaveMemory)
        {
            return MemoryFit.Refuse(Estimate, options.ContextCells, free, total, mapped: true) is { } reason
                ? throw new RuntimeLoadException($"{options.ModelPath} does not fit into memory. {reason}")
                : (options, wanted);
        }

        // What is set holds: the system may page, and the user may know better.
        return (options.GpuLayers >= 0 ? options : options with { GpuLayers = MemoryFit.Layers(wanted, shape.Layers, free) }, wanted);
    }

    /// <summary>Memory with all that the options say.</summary>
    /// <param name="gpu">Whether layers go to a device with memory of its own.</param>
    /// <param name="packed">Bytes of weights copied for matrix units.</param>
    public static MemoryParts For(ModelShape shape, LlamaCppOptions options, bool gpu, long packed = 0)
    {
        var attention = LlamaAttention.Choose(options, gpu, shape.Heads, shape.Parameters / Math.Max(1, shape.AttentionPerCell));
        return MemoryEstimate.Of(shape, options.ContextCells, Math.Min(attention.PhysicalBatch, options.ContextCells), options.MaxSequences, options.KvType, attention.Kind != FlashAttention.Off, packed);
    }

    private static bool IsSplit(string path) => path.Contains("-of-", StringComparison.Ordinal);
}
