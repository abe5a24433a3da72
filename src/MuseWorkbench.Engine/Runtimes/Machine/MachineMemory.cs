using System.Globalization;

namespace MuseWorkbench.Engine.Runtimes.Machine;

/// <summary>The machine's memory as this process may use it: a container's limit counts where it is lower.</summary>
internal static class MachineMemory
{
    /// <summary>Bytes that can be had without swapping, and in all.</summary>
    public static (long Free, long Total) Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            var info = GC.GetGCMemoryInfo();
            return (Math.Max(0, info.TotalAvailableMemoryBytes - info.MemoryLoadBytes), info.TotalAvailableMemoryBytes);
        }

        var machine = ReadFields("/proc/meminfo");
        var (free, total) = (1024 * machine.GetValueOrDefault("MemAvailable:"), 1024 * machine.GetValueOrDefault("MemTotal:"));
        if (ReadNumber("/sys/fs/cgroup/memory.max") is { } limit && limit < total)
        {
            // Pages of files not used lately are given back on demand.
            var used = (ReadNumber("/sys/fs/cgroup/memory.current") ?? 0) - ReadFields("/sys/fs/cgroup/memory.stat").GetValueOrDefault("inactive_file");
            (free, total) = (Math.Clamp(limit - used, 0, free), limit);
        }

        return (free, total);
    }

    /// <summary>Lines of a name and a number.</summary>
    private static Dictionary<string, long> ReadFields(string path)
    {
        var fields = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in ReadLines(path))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 1 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                fields[parts[0]] = value;
            }
        }

        return fields;
    }

    /// <summary>Null where there is no such file or it says "max".</summary>
    private static long? ReadNumber(string path) =>
        long.TryParse(ReadLines(path).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
