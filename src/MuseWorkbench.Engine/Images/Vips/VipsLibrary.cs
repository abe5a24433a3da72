using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Interop;

namespace MuseWorkbench.Engine.Images.Vips;

/// <summary>
/// Loads libvips from <c>natives/vips</c> beside the assembly, once per process, and narrows it: three loaders of images and one of drawings, no
/// caches, one thread an operation, nothing written to the console.
/// </summary>
internal static class VipsLibrary
{
    private static readonly Lazy<bool> s_initialized = new(Initialize);

    /// <exception cref="DllNotFoundException">The library is missing or does not run here.</exception>
    public static void EnsureInitialized() => _ = s_initialized.Value;

    private static unsafe bool Initialize()
    {
        NativeLibraries.Provide(VipsNative.Library, Load);
        VipsNative.SetLogHandler(&Discard, 0);
        if (VipsNative.Init("muse") != 0)
        {
            throw new DllNotFoundException("The image library (libvips) did not start.");
        }

        // A loader is a large attack surface: all are off, then those that are needed come back on.
        VipsNative.BlockUntrusted(1);
        VipsNative.BlockOperation("VipsForeignLoad", 1);
        VipsNative.BlockOperation("VipsForeignLoadPng", 0);
        VipsNative.BlockOperation("VipsForeignLoadJpeg", 0);
        VipsNative.BlockOperation("VipsForeignLoadWebp", 0);
        // For drawings of our own, painted onto images; what arrives as an image never gets there (see VipsImageDecoder).
        VipsNative.BlockOperation("VipsForeignLoadSvg", 0);

        // Nothing repeats, so a cache would only hold on to images; requests run beside each other already.
        VipsNative.SetCacheMax(0);
        VipsNative.SetCacheMaxMemory(0);
        VipsNative.SetCacheMaxFiles(0);
        VipsNative.SetConcurrency(1);
        return true;
    }

    private static nint Load()
    {
        var folder = NativeLibraries.Folder("vips");
        var path = NativeLibraries.FindFile(folder, "vips-cpp")
            ?? throw new DllNotFoundException($"The image library (libvips) is not in {folder}. A build puts it there.");
        return NativeLibrary.Load(path);
    }

    /// <summary>Warnings quote the hostile file; failures are told by return values.</summary>
    [UnmanagedCallersOnly]
    private static void Discard(nint domain, int level, nint message, nint state)
    {
    }
}
