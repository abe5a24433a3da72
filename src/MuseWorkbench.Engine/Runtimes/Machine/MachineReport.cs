using System.Globalization;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Runtimes.Machine;

/// <summary>The processor, as far as it decides how many threads compute.</summary>
/// <param name="Name">As the system calls it; null where it doesn't.</param>
/// <param name="Cores">Physical cores; null where the system doesn't say.</param>
/// <param name="Usable">Logical processors this process may use.</param>
/// <param name="Nodes">Groups of cores with memory of their own (NUMA); 1 on most machines.</param>
/// <param name="Threads">Compute threads taken where none are set.</param>
public sealed record CpuReport(string? Name, int? Cores, int Usable, int Nodes, int Threads);

/// <summary>What models can be computed on here.</summary>
/// <param name="Devices">Those of llama.cpp's libraries, first choice last.</param>
/// <param name="Nvidia">What NVIDIA's driver tells; null without one.</param>
public sealed record MachineReport(CpuReport Cpu, IReadOnlyList<ComputeDevice> Devices, NvidiaReport? Nvidia)
{
    /// <summary>What lies idle and why, a sentence; null where nothing does.</summary>
    public string? Unused => Nvidia is { Gpus.Count: > 0 and var count } && Devices.All(device => device.Type != nameof(GgmlDeviceType.Gpu))
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"There {(count == 1 ? "is" : "are")} {string.Join(", ", Nvidia.Gpus.GroupBy(gpu => gpu.Name).Select(same => same.Count() == 1 ? same.Key : $"{same.Count()} × {same.Key}"))} (driver {Nvidia.Driver}), but llama.cpp's libraries here can't compute on {(count == 1 ? "it" : "them")}: name a folder with a CUDA build of b10361 by Engine:NativeDirectory.")
        : null;

    /// <param name="nativeDirectory">Folder of llama.cpp's libraries; null for those beside the program.</param>
    /// <exception cref="RuntimeLoadException">They are missing or another build's.</exception>
    public static MachineReport Take(string? nativeDirectory)
    {
        LlamaNatives.EnsureLoaded(nativeDirectory);
        return new(
            new(CpuName(), CpuCores.Physical() is > 0 and var cores ? cores : null, Environment.ProcessorCount, NumaNodes(), CpuCores.ForCompute()), LlamaDevices.List(), Nvml.Read());
    }

    private static string? CpuName()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                : RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int NumaNodes()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Math.Max(1, Directory.EnumerateDirectories("/sys/devices/system/node", "node*").Count(node => char.IsAsciiDigit(node[^1]))) : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 1;
        }
    }
}
