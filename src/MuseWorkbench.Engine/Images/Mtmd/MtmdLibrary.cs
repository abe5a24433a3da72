using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Interop;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Images.Mtmd;

/// <summary>
/// Loads libmtmd, once in a process, from the folder llama.cpp's other libraries were loaded from: it works on their model, so
/// it must be of their build. Refuses another.
/// </summary>
internal static unsafe class MtmdLibrary
{
    private static readonly Lock s_gate = new();
    private static bool s_loaded;

    /// <param name="projectorType">What needs it, for the message.</param>
    /// <exception cref="RuntimeLoadException">Missing, not loadable, or another build.</exception>
    public static void EnsureLoaded(string projectorType)
    {
        lock (s_gate)
        {
            if (!s_loaded)
            {
                Load(LlamaNatives.LoadedFolder ?? throw new InvalidOperationException("llama.cpp is loaded before libmtmd."), projectorType);
                s_loaded = true;
            }
        }
    }

    /// <summary>The library's file in a folder.</summary>
    internal static string Locate(string folder, string projectorType)
    {
        var path = NativeLibraries.FindFile(folder, MtmdNative.Mtmd) ?? throw new RuntimeLoadException(
            $"The image projector's type \"{projectorType}\" needs llama.cpp's multimodal library, and {FileName} is not in {folder}. "
            + $"Set Engine:NativeDirectory to a folder that holds all libraries of llama.cpp {LlamaNatives.Build}, {FileName} among them.");
        RefuseOtherBuild(path);
        return path;
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? "mtmd.dll" : OperatingSystem.IsMacOS() ? "libmtmd.dylib" : "libmtmd.so";

    private static void Load(string folder, string projectorType)
    {
        var path = Locate(folder, projectorType);
        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new RuntimeLoadException($"{path} could not be loaded: {e.Message} It must be of the same build as the libraries beside it.", e);
        }

        NativeLibraries.Provide(MtmdNative.Mtmd, () => handle);
        Verify(path);
        MtmdNative.mtmd_log_set(LlamaLog.Callback, 0);
    }

    /// <summary>llama.cpp's own builds end the real file's name with their number: libmtmd.so.0.0.10361. A build outside version control has 0 there.</summary>
    private static void RefuseOtherBuild(string path)
    {
        var name = Path.GetFileName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (name.Split('.') is [_, "so", _, _, var number] && number != "0" && $"b{number}" != LlamaNatives.Build)
        {
            throw OtherBuild(path, $"it is build b{number}");
        }
    }

    /// <summary>libmtmd tells no version, so its defaults are read back at the offsets bound here; a build that moved a field shows other values there.</summary>
    private static void Verify(string path)
    {
        MtmdContextParams defaults;
        try
        {
            var probe = MtmdNative.ProbeContextParams();
            defaults = Unsafe.As<LlamaParamsProbe, MtmdContextParams>(ref probe);
        }
        catch (EntryPointNotFoundException)
        {
            throw OtherBuild(path, "it lacks a function");
        }

        var fits = defaults is
        {
            UseGpu: 1, PrintTimings: 1, Threads: 4, ImageMarker: 0, FlashAttention: -1, WarmUp: 1, ImageMinTokens: -1, ImageMaxTokens: -1,
            EvaluationCallback: 0, EvaluationUserData: 0, BatchMaxTokens: 1024, ProgressCallback: 0, ProgressUserData: 0,
        };
        if (!fits || defaults.MediaMarker != (nint)MtmdNative.mtmd_default_marker())
        {
            throw OtherBuild(path, "its parameter struct differs");
        }
    }

    private static RuntimeLoadException OtherBuild(string path, string how) => new(
        $"{path} is not of llama.cpp {LlamaNatives.Build}: {how}. Set Engine:NativeDirectory to a folder that holds that build.");
}
