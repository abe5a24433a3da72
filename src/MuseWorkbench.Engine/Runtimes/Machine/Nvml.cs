using System.Runtime.InteropServices;
using System.Text;

namespace MuseWorkbench.Engine.Runtimes.Machine;

/// <summary>A GPU as NVIDIA's driver tells of it.</summary>
/// <param name="Name">Such as <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Free">Bytes of memory no process holds.</param>
/// <param name="Total">Bytes of memory.</param>
/// <param name="Busy">Percent of the last moment in which it computed, 0 to 100; null where the driver doesn't say.</param>
public sealed record NvidiaGpu(string Name, long Free, long Total, int? Busy);

/// <summary>What NVIDIA's driver tells.</summary>
/// <param name="Driver">Its version.</param>
/// <param name="Gpus">In the driver's order.</param>
public sealed record NvidiaReport(string Driver, IReadOnlyList<NvidiaGpu> Gpus);

/// <summary>
/// Asks NVIDIA's management library (NVML), which comes with the driver: it knows GPUs that llama.cpp's libraries can't use, and
/// memory that other programs hold. Loaded when asked for and let go again.
/// </summary>
internal static unsafe class Nvml
{
    private const int Ok = 0;
    private const int TextBytes = 96;

    private static string Library => OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";

    /// <summary>Null where there is no driver, or it doesn't answer.</summary>
    public static NvidiaReport? Read(string? library = null)
    {
        if (!NativeLibrary.TryLoad(library ?? Library, out var handle))
        {
            return null;
        }

        try
        {
            return Ask(handle);
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a driver older than what is asked here
        }
        finally
        {
            NativeLibrary.Free(handle);
        }
    }

    private static NvidiaReport? Ask(nint library)
    {
        var init = (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "nvmlInit_v2");
        var shutdown = (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "nvmlShutdown");
        var driver = (delegate* unmanaged[Cdecl]<byte*, uint, int>)NativeLibrary.GetExport(library, "nvmlSystemGetDriverVersion");
        var count = (delegate* unmanaged[Cdecl]<uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetCount_v2");
        var device = (delegate* unmanaged[Cdecl]<uint, nint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByIndex_v2");
        var name = (delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetName");
        var memory = (delegate* unmanaged[Cdecl]<nint, ulong*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetMemoryInfo");
        var utilization = (delegate* unmanaged[Cdecl]<nint, uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetUtilizationRates");
        if (init() != Ok)
        {
            return null;
        }

        try
        {
            uint gpus;
            if (count(&gpus) != Ok)
            {
                return null;
            }

            var text = stackalloc byte[TextBytes];
            var version = driver(text, TextBytes) == Ok ? Text(text) : "unknown";
            var found = new List<NvidiaGpu>();
            var bytes = stackalloc ulong[3]; // nvmlMemory_t: total, free, used
            var percent = stackalloc uint[2]; // nvmlUtilization_t: gpu, memory
            for (var i = 0u; i < gpus; i++)
            {
                nint gpu;
                if (device(i, &gpu) == Ok && name(gpu, text, TextBytes) == Ok && memory(gpu, bytes) == Ok)
                {
                    found.Add(new(Text(text), (long)bytes[1], (long)bytes[0], utilization(gpu, percent) == Ok ? (int)percent[0] : null));
                }
            }

            return new(version, found);
        }
        finally
        {
            shutdown();
        }
    }

    private static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
}
