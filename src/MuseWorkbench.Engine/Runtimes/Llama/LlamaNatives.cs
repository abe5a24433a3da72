using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Interop;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Loads llama.cpp's libraries, once in a process, and refuses a build whose structs are not the ones bound here:
/// they go by value, so another build would corrupt memory instead of failing.
/// </summary>
internal static class LlamaNatives
{
    /// <summary>The one build this binding fits.</summary>
    public const string Build = "b10361";

    private static readonly Lock s_gate = new();
    private static string? s_folder;

    /// <summary>Where the libraries were loaded from; null before.</summary>
    public static string? LoadedFolder => s_folder;

    /// <param name="folder">Where the libraries are; null is <c>natives/llama</c> beside the assembly.</param>
    /// <exception cref="RuntimeLoadException">Missing, not loadable, another build, or already loaded from another folder.</exception>
    public static void EnsureLoaded(string? folder)
    {
        lock (s_gate)
        {
            var wanted = Path.GetFullPath(folder ?? NativeLibraries.Folder("llama"));
            if (s_folder is not null)
            {
                if (folder is not null && s_folder != wanted)
                {
                    throw new RuntimeLoadException($"llama.cpp is already loaded from {s_folder}; one process cannot also load it from {wanted}.");
                }

                return;
            }

            Load(wanted);
            s_folder = wanted;
        }
    }

    /// <summary>The libraries' files, each before those that need it.</summary>
    internal static (string Name, string Path)[] Locate(string folder)
    {
        var libraries = ((string[])[LlamaNative.GgmlBase, LlamaNative.Ggml, LlamaNative.Llama])
            .Select(name => (Name: name, Path: NativeLibraries.FindFile(folder, name) ?? throw Missing(folder, name)))
            .ToArray();
        RefuseOtherBuild(libraries[^1].Path);
        return libraries;
    }

    private static void Load(string folder)
    {
        foreach (var (name, path) in Locate(folder))
        {
            nint handle;
            try
            {
                handle = NativeLibrary.Load(path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new RuntimeLoadException(
                    $"{path} could not be loaded: {e.Message} The libraries must be for {RuntimeInformation.RuntimeIdentifier} (on Linux: glibc 2.34 or later, and what a GPU backend depends on).", e);
            }

            NativeLibraries.Provide(name, () => handle);
        }

        VerifyStructs(folder);
        LlamaLog.Install();
        LlamaNative.llama_backend_init();
        LlamaNative.ggml_backend_load_all_from_path(folder);
        if (LlamaNative.ggml_backend_dev_count() == 0)
        {
            throw new RuntimeLoadException($"No compute backend of llama.cpp in {folder} works on this machine; at least one libggml-cpu-* library belongs there.");
        }
    }

    /// <summary>File names may carry the build (libllama.b10361.so).</summary>
    private static void RefuseOtherBuild(string path)
    {
        var build = Path.GetFileName(path).Split('.').FirstOrDefault(part => part.Length > 1 && part[0] == 'b' && part.AsSpan(1).ContainsAnyExceptInRange('0', '9') is false);
        if (build is not null && build != Build)
        {
            throw OtherBuild(path, $"it is build {build}");
        }
    }

    /// <summary>Reads defaults back at the offsets bound here; a build that moved a field shows other values there.</summary>
    private static void VerifyStructs(string folder)
    {
        var modelProbe = LlamaNative.ProbeModelParams();
        ref var model = ref Unsafe.As<LlamaParamsProbe, LlamaModelParams>(ref modelProbe);
        var contextProbe = LlamaNative.ProbeContextParams();
        ref var context = ref Unsafe.As<LlamaParamsProbe, LlamaContextParams>(ref contextProbe);
        var fits = model is { GpuLayers: -1, SplitMode: 1, LoadMode: 1, MainGpu: 0, VocabularyOnly: 0, CheckTensors: 0, UseExtraBuffers: 1, NoHost: 0, NoAlloc: 0, LoadMtp: 0 }
            && context is
            {
                Context: 512, Batch: 2048, PhysicalBatch: 512, MaxSequences: 1, RecurrentSnapshots: 0, MaxOutputs: 0, MaxOutputsPerSequence: 1,
                RopeScalingType: -1, PoolingType: -1, AttentionType: -1, FlashAttention: -1, YarnExtensionFactor: -1, DefragmentationThreshold: -1,
                TypeK: 1, TypeV: 1, Embeddings: 0, OffloadKqv: 1, NoPerformance: 1, OffloadOperations: 1, FullSlidingWindow: 1, UnifiedKv: 0,
                Samplers: 0, SamplerCount: 0, OtherContext: 0,
            };
        if (!fits)
        {
            throw OtherBuild(folder, "its parameter structs differ");
        }
    }

    private static RuntimeLoadException Missing(string folder, string name) => new(
        $"llama.cpp's library \"{name}\" is not in {folder}. Build the solution again (it puts build {Build} there), or name a folder that holds that build by Engine:NativeDirectory.");

    private static RuntimeLoadException OtherBuild(string path, string how) => new(
        $"{path} is not llama.cpp {Build}: {how}. This binding fits that build only; restore its libraries, or name a folder that holds them by Engine:NativeDirectory.");
}
